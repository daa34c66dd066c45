"""Each mistake of a user raises a documented class whose message says what, where, got, wanted,
and what to write instead."""

import inspect
import math
import statistics

import numpy as np
import pytest
import scipy.cluster.vq
import scipy.integrate
import scipy.linalg

import isograd
from isograd import errors, grad, jit, jvp, make_graph, vjp, vmap

X = np.arange(3.0)
leaked = []


def leak(x):
    leaked.append(x)
    return np.sum(x)


def use_leak(transform):
    leaked.clear()
    transform(leak)(X)
    return transform(lambda x: np.sum(x * leaked[0]))(X)


class OneWay:
    __hash__ = None


CASES = {
    # name: (class, builtin class it also is, call, parts of the message)
    "if under jit": (errors.ConcretizationError, TypeError,
                     lambda: jit(lambda x: x if x > 0 else -x)(1.0), ["jit", "np.where"]),
    "int under jit": (errors.ConcretizationError, TypeError,
                      lambda: jit(lambda n: list(range(n)))(3), ["static_argnums"]),
    "bool under vmap": (errors.ConcretizationError, TypeError,
                        lambda: vmap(lambda x: x if x > 0 else -x)(X), ["vmap", "np.where"]),
    "math.sin": (errors.ConcretizationError, TypeError,
                 lambda: grad(lambda x: math.sin(x))(1.0), ["np.sin"]),
    "float under jit": (errors.ConcretizationError, TypeError,
                        lambda: jit(lambda x: float(x))(1.0), ["float"]),
    "np.array": (errors.ArrayConversionError, TypeError,
                 lambda: grad(lambda x: np.sum(np.array([x, x])))(1.0), ["isograd.numpy.array"]),
    "np.asarray": (errors.ArrayConversionError, TypeError,
                   lambda: jit(lambda x: np.asarray(x))(X), ["isograd.numpy"]),
    "a table and a traced index": (errors.ArrayConversionError, TypeError,
                                   lambda: vmap(lambda i: X[i])(np.arange(3)),
                                   ["for table[x]", "isograd.numpy.at(table)[x].get()"]),
    "a table and a traced mask": (errors.ArrayConversionError, TypeError,
                                  lambda: jit(lambda m: X[m])(X > 1), ["np.where(mask, table, 0)"]),
    "an axis that is no integer": (errors.ArgumentError, ValueError,
                                   lambda: vmap(np.sin, in_axes=1.0)(X), ["in_axes", "1.0"]),
    "leak under grad": (errors.LeakedTracerError, RuntimeError,
                        lambda: use_leak(grad), ["escaped", "return the value"]),
    "leak under jit": (errors.LeakedTracerError, RuntimeError,
                       lambda: use_leak(jit), ["escaped", "jit"]),
    "argnums": (errors.ArgumentError, ValueError,
                lambda: grad(np.sin, argnums=1)(1.0), ["argnums=1", "1 positional"]),
    "argnums type": (errors.ArgumentError, ValueError,
                     lambda: grad(np.sin, argnums="x"), ["int"]),
    "non-scalar": (errors.NonScalarGradError, TypeError,
                   lambda: grad(np.sin)(X), ["f64[3]", "jacrev"]),
    "tree result": (errors.NonScalarGradError, TypeError,
                    lambda: grad(lambda x: (x, x))(1.0), ["has_aux", "got: (*, *)\n"]),
    "no result": (errors.NonScalarGradError, TypeError,
                  lambda: grad(lambda x: None)(1.0), ["got: None\n"]),
    "SciPy's solve": (errors.ArrayConversionError, TypeError,
                      lambda: grad(lambda a: np.sum(scipy.linalg.solve(a, X[:2])))(np.eye(2)),
                      ["isograd.scipy.linalg,", "test_errors.py:"]),
    "SciPy's quad": (errors.ConcretizationError, TypeError,
                     lambda: grad(lambda a: scipy.integrate.quad(lambda x: x * a, 0, 2)[0])(1.0),
                     ["isograd.scipy.integrate,", "in <lambda>"]),
    "SciPy's cluster": (errors.ArrayConversionError, TypeError,
                        lambda: grad(lambda x: scipy.cluster.vq.kmeans(x, 2)[1])(np.ones((4, 2))),
                        ["in <lambda>", "isograd.numpy.array"]),
    "complex result": (errors.NonScalarGradError, TypeError,
                       lambda: grad(lambda x: x * 1j)(1.0), ["holomorphic"]),
    "integer": (errors.NonDifferentiableError, TypeError,
                lambda: grad(lambda x: x * 1.0)(3), ["i64[]", "astype(float)"]),
    "holomorphic": (errors.NonDifferentiableError, TypeError,
                    lambda: grad(np.sin, holomorphic=True)(1.0), ["complex"]),
    "shapes": (errors.ShapeError, ValueError,
               lambda: jit(lambda x: x + np.ones(4))(X), ["(3,)", "(4,)"]),
    "axis": (errors.ShapeError, ValueError,
             lambda: jit(lambda x: np.sum(x, axis=2))(X), ["axis 2"]),
    "matmul": (errors.ShapeError, ValueError,
               lambda: grad(lambda x: np.sum(np.ones((2, 4)) @ x))(X), ["4", "3"]),
    "item assignment": (errors.InPlaceError, TypeError,
                        lambda: grad(_assign)(X), ["read-only", "y = x.copy()"]),
    "out=": (errors.InPlaceError, TypeError,
             lambda: grad(lambda x: np.sum(np.sin(x, out=np.zeros(3))))(X), ["out"]),
    "object dtype": (errors.DtypeError, TypeError,
                     lambda: jit(lambda x: x)(np.array([None, 1], object)), ["object"]),
    "strings": (errors.DtypeError, TypeError, lambda: jit(lambda x: x)("text"), ["str"]),
    "masked array": (errors.DtypeError, TypeError,
                     lambda: jit(lambda x: x)(np.ma.masked_array(X, X > 1)), ["MaskedArray"]),
    "no array": (errors.DtypeError, TypeError,
                 lambda: jit(lambda x: x)(object()), ["object"]),
    "index": (errors.IndexingError, IndexError, lambda: jit(lambda x: x[5])(X), ["5", "size 3"]),
    "missing rule": (errors.MissingRuleError, NotImplementedError,
                     lambda: jvp(_custom(), (1.0,), (1.0,)), ["custom_vjp"]),
    "nan": (errors.NanError, FloatingPointError, lambda: _watched(), ["log", "np.where"]),
    "unknown function": (errors.MissingRuleError, NotImplementedError,
                         lambda: jit(lambda x: np.shares_memory(x, x))(X), ["shares_memory"]),
    "tangent shape": (errors.ShapeError, ValueError,
                      lambda: jvp(np.sin, (X,), (np.ones(4),)), ["f64[4]", "f64[3]"]),
    "tangent structure": (errors.TreeError, ValueError,
                          lambda: jvp(lambda d: d["a"], ({"a": X},), ([X],)), ["jvp"]),
    "cotangent shape": (errors.ShapeError, ValueError,
                        lambda: vjp(np.sin, X)[1](1.0), ["np.ones_like"]),
    "a cotangent in a tuple": (errors.ShapeError, ValueError,
                               lambda: vjp(np.sin, X)[1]((X,)),
                               ["cotangent 0 is a tuple", "f64[3]"]),
    "a list of numbers under vmap": (errors.ShapeError, ValueError,
                                     lambda: vmap(np.sin)([1.0, 2.0]), ["np.array([...])"]),
    "a function of files": (errors.MissingRuleError, NotImplementedError,
                            lambda: grad(lambda x: np.save("x.npy", x))(1.0),
                            ["files hold numbers", "isograd.debug.callback"]),
    "in_axes": (errors.ArgumentError, ValueError,
                lambda: vmap(np.add, in_axes=(0,))(X, X), ["in_axes", "2"]),
    "no axis": (errors.ShapeError, ValueError,
                lambda: vmap(np.sin, in_axes=1)(X), ["axis 1"]),
    "axis sizes": (errors.ShapeError, ValueError,
                   lambda: vmap(np.add)(X, np.ones(4)), ["3", "4"]),
    "static unhashable": (errors.ArgumentError, ValueError,
                          lambda: jit(lambda x, o: x, static_argnums=1)(1.0, OneWay()),
                          ["hashable", "OneWay"]),
    "static name": (errors.ArgumentError, ValueError,
                    lambda: jit(lambda x: x, static_argnames="n"), ["'n'"]),
    "no function": (errors.ArgumentError, ValueError, lambda: grad(3.0), ["grad", "float"]),
    "no function to map": (errors.ArgumentError, ValueError, lambda: vmap(None), ["vmap", "None"]),
    "a Python integer": (errors.NonDifferentiableError, TypeError,
                         lambda: grad(lambda x: x ** 2)(3), ["float(x)", "leaf 0"]),
    "a class without leaves": (errors.DtypeError, TypeError, lambda: jit(lambda x: x)(object()),
                               ["static_argnums", "tree.register"]),
    "a mask": (errors.DtypeError, TypeError, lambda: grad(np.sum)(np.ma.masked_array(X, X > 1)),
               ["filled"]),
    "unbound axis": (errors.UnboundAxisError, NameError,
                     lambda: vmap(lambda x: isograd.lax.psum(x, "j"), axis_name="i")(X),
                     ["'j'", "'i'", "axis_name='j'"]),
    "key reuse": (errors.KeyReuseError, RuntimeError,
                  lambda: _draw_twice(isograd.random.key(0)), ["normal", "random.split"]),
    "backend": (errors.BackendError, ValueError,
                lambda: jit(np.sin, backend="tpu")(1.0), ["tpu", "reference"]),
}


def _draw_twice(key):
    with isograd.random.check_reuse():
        return isograd.random.normal(key) + isograd.random.normal(key)


def _watched():
    with isograd.debug.nans():
        return jit(np.log)(-1.0)


def _assign(x):
    np.broadcast_to(x, (2, 3))[0] = 1.0
    return np.sum(x)


def _custom():
    f = isograd.custom_vjp(np.sin)
    f.defvjp(lambda x: (np.sin(x), x), lambda x, ct: (ct * np.cos(x),))
    return f


@pytest.mark.parametrize("name", CASES)
def test_message(name):
    kind, builtin, call, parts = CASES[name]
    with pytest.raises(kind) as caught:
        call()
    assert isinstance(caught.value, builtin) and isinstance(caught.value, errors.IsogradError)
    message = str(caught.value)
    for part in parts:
        assert part in message, message


def test_the_message_names_the_users_line():
    def f(x):
        return x if x > 0 else -x
    line = inspect.getsourcelines(f)[1] + 1
    with pytest.raises(errors.ConcretizationError, match=rf"test_errors.py:{line} in f"):
        jit(f)(1.0)


def test_the_message_does_not_name_a_line_of_the_standard_library():
    def middle(x):
        return statistics.median([x, 2.0])
    with pytest.raises(errors.ConcretizationError, match=r"test_errors.py:\d+ in middle"):
        jit(middle)(1.0)


def test_every_error_class_is_public_and_documented():
    from isograd.refimpl import errors as internal
    classes = [c for _, c in inspect.getmembers(internal, inspect.isclass)
               if issubclass(c, errors.IsogradError)]
    for cls in classes:
        assert getattr(errors, cls.__name__) is cls and cls.__doc__
    raised = {kind for kind, *_ in CASES.values()}
    assert {c.__name__ for c in classes} - {c.__name__ for c in raised} == {
        "IsogradError", "InvalidGraph"}


def test_an_error_leaves_no_trace_active():
    for transform in (jit, grad, vmap, make_graph):
        with pytest.raises(ZeroDivisionError):
            transform(lambda x: 1 // 0)(X if transform is vmap else 1.0)
    assert grad(np.sin)(0.0) == 1
    assert jit(np.sin)(0.0) == 0
