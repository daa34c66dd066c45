"""isograd.refimpl: what every operation, derivative and transformation means.

Reading order; a file imports only from files above it:

errors       one class per mistake
aval         what is known of an array before its numbers are
trace        Trace, Tracer, bind: how a function comes to mean something else
primitive    one record per operation
tree         pytrees
graph        programs as data; eval_graph is their meaning
effects      what an operation does besides its results
ops/         the table of operations
mutation     arrays that are written in place, and views
promotion    operands of explicit dtypes
transforms/  stage jvp vmap linearize transpose grad
backend      the protocol that executables are made through, and the registry
nans         the report of the first NaN
call         primitives that carry graphs: call, checkpoint
custom       custom_jvp, custom_vjp
callbacks    Python functions as operations: pure_callback, debug.print
jit          compile a function through a backend
mesh         devices with names, and how arrays lie on them
parallel     pmap, shard_map
control/     loops and branches as operations
numpy/       NumPy's functions, made of the operations
numpy_protocol   NEP 13/18 and the operators and methods of tracers
"""
