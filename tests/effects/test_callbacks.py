"""Python functions in traced programs: what they get, and that they run once, in order."""

import numpy as np
import pytest

import isograd
from isograd import debug, lax
from isograd.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError, TreeError

# ---- each effect happens once, in order, whatever is done with the program ----

def straight(x):
    debug.print("first {}", x)
    y = np.sin(x) * 2
    debug.print("then {y:.3f}", y=y)
    return y * y


def unused(x):
    """What is printed is used for nothing else."""
    debug.print("cosine {:.3f}", np.cos(x))
    return 3 * x


def in_order(x):
    """The later line needs less work than the earlier."""
    debug.print("sum {:.2f}", np.sum(np.exp(x * np.ones((4, 4))) @ np.ones(4)))
    debug.print("x {}", x)
    return x ** 2


def no_arguments(x):
    debug.print("hello")
    return np.exp(x)


def counted(x):
    def body(i, v):
        debug.print("{} {}", i, v)
        return v * 1.5
    return lax.fori_loop(0, 3, body, x)


def until(x):
    def going(v):
        debug.print("is {} small?", v)
        return v < 3

    def body(v):
        debug.print("at {}", v)
        return v * 1.5
    return lax.while_loop(going, body, x)


def scanned(x):
    def step(c, a):
        debug.print("{} times {}", c, a)
        return c * a, c + a
    return lax.scan(step, x, np.arange(1.0, 4.0))[0]


def branched(x):
    def positive(v):
        debug.print("{} is positive", v)
        return v * 2
    return lax.cond(x > 0, positive, np.negative, x)


def ruled(x):
    @isograd.custom_jvp
    def f(x):
        debug.print("f of {}", x)
        return np.sin(x)
    f.defjvps(lambda g, y, x: g * np.cos(x))
    return f(x) * x


LINES = {
    straight: ["first 1.0", "then 1.683"],
    unused: ["cosine 0.540"],
    in_order: ["sum 43.49", "x 1.0"],
    no_arguments: ["hello"],
    counted: ["0 1.0", "1 1.5", "2 2.25"],
    until: ["is 1.0 small?", "at 1.0", "is 1.5 small?", "at 1.5", "is 2.25 small?", "at 2.25",
            "is 3.375 small?"],
    scanned: ["1.0 times 1.0", "1.0 times 2.0", "2.0 times 3.0"],
    branched: ["1.0 is positive"],
    ruled: ["f of 1.0"],
}

WAYS = {
    "plain": lambda f: f,
    "jit": isograd.jit,
    "jit in jit": lambda f: isograd.jit(lambda x: isograd.jit(f)(x) * 2),
    "jvp": lambda f: lambda x: isograd.jvp(f, (x,), (1.0,)),
    "grad": isograd.grad,
    "jit grad": lambda f: isograd.jit(isograd.grad(f)),
    "grad jit": lambda f: isograd.grad(isograd.jit(f)),
    "checkpoint": lambda f: isograd.grad(isograd.checkpoint(f)),
    "jit checkpoint": lambda f: isograd.jit(isograd.grad(isograd.checkpoint(f))),
    "twice": lambda f: isograd.grad(isograd.grad(f)),
    "jit hessian": lambda f: isograd.jit(isograd.hessian(f)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("program", LINES, ids=lambda f: f.__name__)
def test_effects_happen_once_and_in_order(program, way, capsys):
    run = WAYS[way](program)
    for _ in range(2):
        run(np.float64(1.0))
        assert capsys.readouterr().out.splitlines() == LINES[program]


def test_nothing_happens_while_a_function_is_traced(capsys):
    graph = isograd.make_graph(straight)(1.0)
    isograd.jit(straight)
    assert capsys.readouterr().out == ""
    assert "debug_callback" in str(graph)


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
def test_each_example_is_printed_in_order(wrap, capsys):
    wrap(isograd.vmap(isograd.vmap(straight)))(np.arange(4.0).reshape(2, 2))
    assert capsys.readouterr().out.splitlines() == [
        "first 0.0", "first 1.0", "first 2.0", "first 3.0",
        "then 0.000", "then 1.683", "then 1.819", "then 0.282"]


def test_what_is_the_same_for_all_examples_is_printed_once(capsys):
    isograd.vmap(lambda x, y: (debug.print("y {}", y), x * y)[1], (0, None))(np.ones(3), 2.0)
    assert capsys.readouterr().out == "y 2.0\n"


def test_a_loop_over_a_batch_asks_once_a_round(capsys):
    isograd.vmap(until)(np.array([1.0, 2.5]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["is 1.0 small?", "is 2.5 small?", "at 1.0", "at 2.5"]
    assert lines.count("is 1.5 small?") == 1


# ---- operations with an effect and results ----

SEEN = []


def _tick(x, *, label):
    SEEN.append(label)
    return x + 1


tick_p = isograd.Primitive(
    "tests.tick", "callback", _tick, lambda x, *, label: isograd.extend.Aval(x.shape, x.dtype),
    effect=True)


@pytest.mark.parametrize("seed", range(20))
def test_results_of_effects_may_be_used_in_any_order(seed):
    """Loops that fuse must not make a circle with the order of effects."""
    def program(x):
        rng = np.random.default_rng(seed)
        values = [x, x * 2]
        for i in range(12):
            a, b = [values[j] for j in rng.integers(0, len(values), 2)]
            kind = rng.integers(4)
            if kind == 0:
                values.append(isograd.extend.bind(tick_p, a, label=i % 2))
            else:
                values.append([np.sin(a) + b, a * b, np.sum(a) + b][kind - 1])
        return values[-1], values[int(rng.integers(len(values)))]

    x = np.linspace(0.0, 1.0, 5)
    SEEN.clear()
    expected = program(x)
    order = list(SEEN)
    compiled = isograd.jit(program)
    for _ in range(2):
        SEEN.clear()
        got = compiled(x)
        assert order == SEEN
        for g, e in zip(got, expected, strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-14)


# ---- arguments ----

def test_a_callback_gets_pytrees_and_whatever_else_was_given():
    seen = []
    label = object()

    @isograd.jit
    def f(x):
        debug.callback(lambda tree, *, mark, name: seen.append((tree, mark, name)),
                       {"a": x, "b": (x + 1, None)}, mark=label, name="here")
        return x

    f(np.arange(2.0))
    (tree, mark, name), = seen
    np.testing.assert_array_equal(tree["a"], [0.0, 1.0])
    np.testing.assert_array_equal(tree["b"][0], [1.0, 2.0])
    assert tree["b"][1] is None and mark is label and name == "here"


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
def test_a_callback_may_keep_and_change_what_it_gets(wrap):
    kept = []

    def keep(x):
        kept.append(x)
        x += 100

    def f(x):
        for _ in range(3):
            x = x * 2
            debug.callback(keep, x)
        return x + 0

    x = np.ones(4)
    np.testing.assert_array_equal(wrap(f)(x), 8 * np.ones(4))
    np.testing.assert_array_equal(kept, [102 * np.ones(4), 104 * np.ones(4), 108 * np.ones(4)])
    np.testing.assert_array_equal(x, np.ones(4))


def test_a_callback_may_use_isograd():
    got = []
    inner = isograd.jit(isograd.grad(np.sin))
    f = isograd.jit(isograd.grad(lambda x: (
        debug.callback(lambda v: got.append(inner(v)), x), x ** 2)[1]))
    f(0.0)
    assert got == [1.0]


def test_python_numbers_arrive_as_such():
    got = []
    isograd.jit(lambda: debug.callback(lambda *xs: got.extend(xs), 2, 0.5, True))()
    assert got == [2, 0.5, True]


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit, isograd.vmap], ids=repr)
def test_an_exception_of_a_callback_arrives(wrap):
    def fail(x):
        raise KeyError("mine")
    f = wrap(lambda x: (debug.callback(fail, x), x * 2)[1])
    for _ in range(2):
        with pytest.raises(KeyError, match="mine"):
            f(np.ones(2))


@pytest.mark.parametrize(("fmt", "args", "kwargs", "got"), [
    ("{} {}", (1.0,), {}, r"no argument for \{1\}"),
    ("{x}", (), {"y": 1.0}, r"no argument for \{x\}"),
    ("[0. 1.]", (1.0,), {}, "no field for the argument 0"),
    ("{}", (1.0,), {"x": 2.0}, "no field for the argument x"),
])
def test_a_format_must_fit(fmt, args, kwargs, got):
    with pytest.raises(ArgumentError, match=got) as error:
        debug.print(fmt, *args, **kwargs)
    assert "test_callbacks.py" in str(error.value)


def test_a_format_may_look_into_arguments(capsys):
    isograd.jit(lambda x: debug.print("{x.shape} {0[1]:>5}", x, x=x))(np.arange(3))
    assert capsys.readouterr().out == "(3,)     1\n"


# ---- pure_callback ----

def descending(x):
    return isograd.pure_callback(lambda a: np.sort(a)[::-1], np.zeros(3), x)


ROWS = np.array([[1.0, 3.0, 2.0], [6.0, 4.0, 5.0]])


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
def test_pure_callback_computes(wrap):
    np.testing.assert_array_equal(wrap(lambda x: descending(x) * 2)(ROWS[0]), [6.0, 4.0, 2.0])
    np.testing.assert_array_equal(wrap(isograd.vmap(descending))(ROWS),
                                  [[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]])
    np.testing.assert_array_equal(
        wrap(isograd.vmap(isograd.vmap(lambda x: descending(x * np.ones(3)))))(ROWS),
        np.repeat(ROWS[..., None], 3, 2))


def test_pure_callback_over_no_examples():
    assert isograd.vmap(descending)(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(("method", "shapes"), [
    ("sequential", [((3,), (3,)), ((3,), (3,))]),
    ("broadcast_all", [((2, 3), (2, 3))]),
    ("expand_dims", [((2, 3), (1, 3))]),
])
def test_how_pure_callback_is_mapped(method, shapes):
    seen = []

    def add(x, y):
        seen.append((x.shape, y.shape))
        return x + y
    f = isograd.vmap(lambda x, y: isograd.pure_callback(add, np.zeros(3), x, y, vmap_method=method),
                     (0, None))
    np.testing.assert_array_equal(f(ROWS, np.arange(3.0)), ROWS + np.arange(3.0))
    assert seen == shapes


def test_pure_callback_of_pytrees():
    def statistics(data, *, power):
        return {"mean": data["x"].mean(), "count": np.int64(data["x"].size * power)}
    out = isograd.jit(lambda x: isograd.pure_callback(
        statistics, {"mean": isograd.ShapeDtypeStruct((), np.float64), "count": np.int64(0)},
        {"x": x}, power=3))(np.arange(4.0))
    assert out["mean"] == 1.5 and out["count"] == 12


def test_pure_callback_in_a_custom_rule():
    @isograd.custom_vjp
    def f(x):
        return isograd.pure_callback(np.sin, x, x)
    f.defvjp(lambda x: (f(x), x), lambda x, ct: (ct * isograd.pure_callback(np.cos, x, x),))
    for g in (isograd.grad(f), isograd.jit(isograd.grad(f))):
        assert g(0.5) == np.cos(0.5)


LIES = {
    "structure": (lambda a: (a, a), TreeError, "structure"),
    "shape": (lambda a: {"y": a[:2]}, ShapeError, r"at \['y'\]"),
    "dtype": (lambda a: {"y": a.astype(np.float32)}, DtypeError, r"at \['y'\]"),
    "kind": (lambda a: {"y": 1.5 * a.astype(complex)}, DtypeError, "complex128"),
}


@pytest.mark.parametrize("wrap", [lambda f: f, isograd.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("lie", LIES)
def test_a_result_must_be_what_was_said(lie, wrap):
    callback, kind, what = LIES[lie]
    with pytest.raises(kind, match=what):
        wrap(lambda x: isograd.pure_callback(callback, {"y": np.zeros(3)}, x))(np.ones(3))


@pytest.mark.parametrize("transform", [isograd.grad, isograd.jacfwd, isograd.jacrev])
def test_pure_callback_has_no_derivative(transform):
    with pytest.raises(MissingRuleError, match="custom_jvp"):
        transform(lambda x: np.sum(descending(x)))(np.ones(3))
    zero = transform(lambda x: np.sum(x * descending(isograd.stop_gradient(x))))(ROWS[0])
    np.testing.assert_array_equal(zero, [3.0, 2.0, 1.0])


def test_an_unknown_method_is_refused():
    with pytest.raises(ArgumentError, match="sequential"):
        isograd.pure_callback(np.sin, 0.0, 1.0, vmap_method="legacy")
