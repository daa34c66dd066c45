"""Rewrites: from a Graph to a simpler Graph that means the same, bit for bit.

pattern    expressions with holes, and how they match
rules      the table of algebraic rules
products   matrix products whose result is transposed, and products that sum nothing
passes     inline, explicit dtypes, simplify, drop dead code; `simplify` is all of them
"""

from .passes import simplify as simplify
