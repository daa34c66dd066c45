"""Control flow that is traced: operations that carry the graphs of their branches and bodies.

closures     the arrays that a body must not write to
bodies       staging the functions of a user, and the types of what a loop carries
choice       cond, switch
loop         while_loop, fori_loop, and their forward mode
checkpoints  which states of a loop are kept for its reverse
reverse      the reverse of a loop
steps        the bodies that a scan's rules are made of
sequence     scan, map
prefix       associative_scan
equations    functions of vectors, as graphs that agree
implicit     custom_linear_solve, custom_root
"""
