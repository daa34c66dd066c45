"""One row of test data per special function; tests/scipy/test_special_functions.py runs over them.

    row("jv", v=gap(0.5, 4), x=(0.5, 9), ulp=64)

An argument is a domain. `gap`: no derivative is known in it, which must be said. `whole`: integers,
without a derivative. ulp bounds the error of values: SciPy's, not ours. slope bounds the error of
derivatives, in eps times the largest one, where SciPy or a difference loses more than usual.
"""

from __future__ import annotations

from typing import NamedTuple

from .table import COMPLEX, FLOAT, Arg, Example, Row

SIZE = 4
INF, NAN = float("inf"), float("nan")
ANALYTIC = (*FLOAT, *COMPLEX)


class gap(NamedTuple):
    low: float
    high: float
    dtype: str | None = None


def whole(*values):
    """Integers, one an element."""
    return Arg(value=values, dtype="int64")


class SpecialRow(NamedTuple):
    """A Row, which arguments have no derivative, how exact derivatives are, whether a second
    derivative is known."""

    row: Row
    gaps: tuple[int, ...]
    slope: float
    second: bool


def row(prim, dtypes=FLOAT, ulp=16, slope=400, second=True, special=(), kinks=(), **arguments):
    args, gaps, flags = [], [], []
    for number, domain in enumerate(arguments.values()):
        if isinstance(domain, gap):
            gaps.append(number)
        args.append(domain if isinstance(domain, Arg) else
                    Arg((SIZE,), tuple(domain[:2]), *domain[2:]))
        flags.append(not isinstance(domain, (gap, Arg)))
    data = Row(prim, (Example(tuple(args)),), dtypes, ulp, tuple(flags), special=special,
               kinks=kinks)
    return SpecialRow(data, tuple(gaps), slope, second)


DEGREES = whole(0, 1, 2, 5)
REAL_ORDER = gap(0.5, 4)

ELEMENTARY = (
    row("logit", p=(0.1, 0.9), special=(((0.0,), -INF), ((1,), INF), ((2,), NAN))),
    row("log_expit", x=(-9, 9), special=(((-INF,), -INF), ((INF,), 0.0), ((-1000,), -1000))),
    row("exp10", x=(-2, 2)),
    row("exprel", x=(-2, 2), special=(((0.0,), 1),), kinks=(((0.0,), (1.0,), 0.5),)),
    row("cosm1", x=(-2, 2), special=(((0.0,), 0.0),)),
    row("powm1", x=(0.2, 3), y=(-2, 3), special=(((0.0, 0.0), 0.0),)),
    row("boxcox", x=(0.2, 3), lmbda=(-2, 2), ulp=64, special=(((1, 0.0), 0.0),),
        kinks=(((3.0, 0.0), (0.0, 1.0), 1.206948960812582 / 2),)),
    row("boxcox1p", x=(-0.8, 3), lmbda=(-2, 2), ulp=64,
        kinks=(((2.0, 0.0), (0.0, 1.0), 1.206948960812582 / 2),)),
    row("inv_boxcox", y=(-0.4, 2), lmbda=(0.1, 2), ulp=64,
        kinks=(((0.0, 0.0), (0.0, 1.0), 0.0), ((2.0, 0.0), (1.0, 0.0), 7.38905609893065))),
    row("inv_boxcox1p", y=(-0.4, 2), lmbda=(0.1, 2), ulp=64),
    row("xlogy", ANALYTIC, x=(0.2, 3), y=(0.2, 3), special=(((0.0, 0.0), 0.0), ((0.0, NAN), NAN)),
        kinks=(((0.0, 0.0), (0.0, 1.0), 0.0), ((0.0, 2.0), (1.0, 0.0), 0.6931471805599453))),
    row("xlog1py", ANALYTIC, x=(0.2, 3), y=(-0.8, 3), special=(((0.0, -1), 0.0),),
        kinks=(((0.0, -1.0), (0.0, 1.0), 0.0),)),
    row("entr", x=(0.1, 3), special=(((0.0,), 0.0), ((-1,), -INF)),
        kinks=(((-1.0,), (1.0,), 0.0), ((0.0,), (1.0,), INF))),
    row("rel_entr", x=(0.2, 3), y=(0.2, 3), ulp=64,
        special=(((0.0, 0.0), 0.0), ((1, 0.0), INF), ((-1, 1), INF)),
        kinks=(((0.0, 0.0), (0.0, 1.0), 0.0), ((0.0, 2.0), (0.0, 1.0), 0.0))),
    row("kl_div", x=(0.2, 3), y=(0.2, 3), ulp=256, special=(((0.0, 2), 2), ((1, 0.0), INF)),
        kinks=(((0.0, 0.0), (0.0, 1.0), 1.0),)),
    row("huber", delta=(0.2, 3), r=(-3, 3), special=(((-1, 1), INF), ((1, 0.0), 0.0)),
        kinks=(((1.0, 1.0), (0.0, 1.0), 1.0), ((1.0, -1.0), (1.0, 0.0), 0.0))),
    row("pseudo_huber", delta=(0.2, 3), r=(-3, 3), ulp=64, special=(((1, 0.0), 0.0),)),
    row("sindg", x=(-300, 300), slope=4000), row("cosdg", x=(-300, 300), slope=4000),
    row("tandg", x=(-80, 80)), row("cotdg", x=(10, 80)),
    row("radian", d=(1, 9), m=(0.5, 9), s=(0.5, 9)),
)

GAMMA = (
    row("gamma", (*FLOAT,), z=(0.5, 6), special=(((0.0,), INF), ((-1,), NAN), ((INF,), INF))),
    row("loggamma", ANALYTIC, z=(2.5, 6), ulp=64, second=False),
    row("gammasgn", x=gap(0.5, 6), special=(((-0.5,), -1), ((2,), 1))),
    row("rgamma", z=(-3.4, 5), ulp=64, slope=4000, special=(((0.0,), 0.0), ((-2,), 0.0)),
        kinks=(((0.0,), (1.0,), 1.0), ((-3.0,), (1.0,), -6.0))),
    row("poch", z=(1, 5), m=(0.3, 3), ulp=128),
    row("zetac", x=(-3.5, 6), ulp=256, slope=4000,
        kinks=(((-2.0,), (1.0,), -0.03044845705839327),)),
    row("beta", a=(0.5, 4), b=(0.5, 4), ulp=128),
    row("betaln", a=(0.5, 4), b=(0.5, 4), ulp=512),
    row("binom", n=(3, 8), k=(0.3, 2.8), ulp=128),
    row("gammainc", a=(0.5, 5), x=(0.2, 6), ulp=64, special=(((2, INF), 1), ((2, 0.0), 0.0)),
        kinks=(((1.0, 0.0), (0.0, 1.0), 1.0), ((2.0, INF), (0.0, 1.0), 0.0))),
    row("gammaincc", a=(0.5, 5), x=(0.2, 6), ulp=64, special=(((2, INF), 0.0),)),
    row("gammaincinv", a=(0.5, 5), y=(0.1, 0.9), ulp=128, special=(((2, 1), INF),)),
    row("gammainccinv", a=(0.5, 5), y=(0.1, 0.9), ulp=128),
    row("betainc", a=(0.5, 5), b=(0.5, 5), x=(0.1, 0.9), ulp=256,
        special=(((1, 2, 0.0), 0.0), ((1, 2, 1), 1)),
        kinks=(((1.0, 2.0, 0.0), (0.0, 0.0, 1.0), 2.0), ((2.0, 1.0, 1.0), (0.0, 0.0, 1.0), 2.0))),
    row("betaincc", a=(0.5, 5), b=(0.5, 5), x=(0.1, 0.9), ulp=256),
    row("betaincinv", a=(0.5, 5), b=(0.5, 5), y=(0.1, 0.9), ulp=256),
    row("betainccinv", a=(0.5, 5), b=(0.5, 5), y=(0.1, 0.9), ulp=256),
    row("lambertw", (*FLOAT, *COMPLEX), z=(0.2, 3), k=whole(0, 0, 0, 0), ulp=32),
    row("wrightomega", ANALYTIC, z=(-2, 3)),
)

ERROR = (
    row("erfi", ANALYTIC, z=(-1, 1), ulp=64, special=(((INF,), INF),)),
    row("erfcinv", y=(0.1, 1.9), special=(((0.0,), INF), ((2,), -INF))),
    row("erfcx", ANALYTIC, z=(-1, 3), ulp=64, special=(((INF,), 0.0),),
        kinks=(((1e5,), (1.0,), -5.641895834631115e-11),)),
    row("dawsn", ANALYTIC, z=(-2, 2), ulp=64, special=(((-0.0,), -0.0),),
        kinks=(((-1e5,), (1.0,), -5.00000000075e-11),)),
    row("wofz", COMPLEX, z=(0.1, 2), ulp=64),
    row("ndtr", x=(-3, 3), ulp=64, special=(((-INF,), 0.0), ((INF,), 1))),
    row("log_ndtr", x=(-6, 2), ulp=64, special=(((-INF,), -INF), ((INF,), 0.0)),
        kinks=(((-1e4,), (1.0,), 10000.000099999998), ((50.0,), (1.0,), 0.0))),
    row("ndtri", y=(0.05, 0.95), ulp=64, special=(((0.0,), -INF), ((1,), INF))),
    row("ndtri_exp", y=(-5, -0.2), ulp=64, slope=4000, kinks=(
        ((-5000.0,), (1.0,), 0.01000452687825929),)),
    row("owens_t", h=(-2, 2), a=(-2, 2), ulp=64),
    row("voigt_profile", x=(-2, 2), sigma=(0.5, 2), gamma=(0.2, 2), ulp=64, slope=4000),
    row("fresnel_s", ANALYTIC, z=(-2, 2), ulp=64),
    row("fresnel_c", ANALYTIC, z=(-2, 2), ulp=64),
)

CYLINDER = {"ulp": 512, "slope": 20000}

BESSEL = (
    *[row(name, v=REAL_ORDER, z=(0.5, 9), **CYLINDER)
      for name in ("jv", "yv", "iv", "kv", "jve", "yve", "ive", "kve")],
    *[row(name, ("complex128",), v=gap(0.5, 4, "float64"), z=(0.5, 4), second=False, **CYLINDER)
      for name in ("hankel1", "hankel2", "hankel1e", "hankel2e")],
    *[row(name, n=DEGREES, x=(0.5, 9), **CYLINDER) for name in ("yn", "kn")],
    *[row(name, x=(0.5, 9), **CYLINDER)
      for name in ("j0", "j1", "y0", "y1", "i0", "i1", "k0", "k1", "i1e", "k0e", "k1e")],
    row("i0e", x=(0.5, 9), kinks=(((0.0,), (1.0,), 0.0),), **CYLINDER),
    *[row(name, ("float64",), n=DEGREES, z=(0.5, 6), **CYLINDER)
      for name in ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn")],
    row("struve", v=REAL_ORDER, x=(0.5, 9), **CYLINDER),
    row("modstruve", v=REAL_ORDER, x=(0.5, 9), **CYLINDER),
    *[row(name, ANALYTIC, z=(-2, 2), ulp=512, slope=4000)
      for name in ("airy_ai", "airy_aip", "airy_bi", "airy_bip")],
    *[row(name, x=(0.5, 4), ulp=4096, slope=20000)
      for name in ("ber", "bei", "berp", "beip", "ker", "kei", "kerp", "keip")],
)

INTEGRALS = (
    # SciPy's series of exp1 for complex z loses 12 bits as |z| nears 5.
    row("expn", n=DEGREES, x=(0.3, 4), ulp=64, special=(((1, 0.0), INF), ((2, 0.0), 1))),
    row("exp1", ANALYTIC, z=(0.3, 1.4), ulp=128, special=(((0.0,), INF), ((INF,), 0.0))),
    row("expi", (*FLOAT,), x=(0.5, 4), ulp=64, special=(((0.0,), -INF), ((-INF,), 0.0))),
    row("spence", ANALYTIC, z=(0.2, 3), ulp=64, special=(((1,), 0.0),),
        kinks=(((1.0,), (1.0,), -1.0),)),
    row("sici_si", (*FLOAT,), z=(-5, 5), ulp=64, kinks=(((0.0,), (1.0,), 1.0),)),
    row("sici_ci", (*FLOAT,), z=(0.5, 5), ulp=64),
    row("shichi_shi", (*FLOAT,), z=(-5, 5), ulp=64, kinks=(((0.0,), (1.0,), 1.0),)),
    row("shichi_chi", (*FLOAT,), z=(0.6, 5), ulp=64),
)

HYPERGEOMETRIC = (
    # SciPy's hyperu has 8 to 12 right digits here.
    row("hyp0f1", v=gap(0.5, 4), z=(-2, 4), ulp=512, slope=4000),
    row("hyp1f1", a=gap(0.5, 3), b=gap(0.5, 3), x=(-2, 3), ulp=512, slope=4000),
    row("hyperu", a=gap(0.5, 3), b=gap(0.6, 2.4), x=(0.5, 4), ulp=1e8, slope=1e8),
    row("hyp2f1", a=gap(0.5, 3), b=gap(0.5, 3), c=gap(0.6, 4), z=(-2, 0.7), ulp=1e4, slope=1e5),
    row("wright_bessel", a=gap(0.5, 2), b=gap(0.5, 3), x=(0.2, 3), ulp=64),
    row("log_wright_bessel", a=gap(0.5, 2), b=gap(0.5, 3), x=(0.2, 3), ulp=256),
)

ELLIPTIC = (
    row("elliprc", x=(0.2, 3), y=(0.2, 3), slope=4000, kinks=(
        ((1.0, 1.0), (1.0, 0.0), -1 / 6), ((1.0, 1.0), (0.0, 1.0), -1 / 3))),
    row("elliprd", x=(0.2, 1), y=(1.3, 2), z=(2.5, 4), slope=4000),
    row("elliprf", x=(0.2, 1), y=(1.3, 2), z=(2.5, 4), slope=4000,
        kinks=(((1.0, 1.0, 1.0), (0.0, 1.0, 0.0), -1 / 6),)),
    row("elliprg", x=(0.2, 1), y=(1.3, 2), z=(2.5, 4), slope=4000,
        kinks=(((1.0, 1.0, 1.0), (1.0, 0.0, 0.0), 1 / 6),)),
    row("elliprj", x=(0.2, 1), y=(1.3, 2), z=(2.5, 4), p=(5, 7), ulp=64, slope=20000),
    row("ellipk", m=(-2, 0.9), ulp=64, slope=4000, special=(((1,), INF),),
        kinks=(((0.0,), (1.0,), 0.39269908169872414),)),
    row("ellipkm1", p=(0.1, 2), ulp=64, slope=4000, special=(((0.0,), INF),)),
    row("ellipe", m=(-2, 0.9), ulp=64, slope=4000, special=(((1,), 1),),
        kinks=(((0.0,), (1.0,), -0.39269908169872414),)),
    row("ellipkinc", phi=(-4, 4), m=(0.1, 0.9), ulp=64, slope=20000,
        kinks=(((1.0, 0.0), (0.0, 1.0), 0.13633782164678979),)),
    row("ellipeinc", phi=(-4, 4), m=(0.1, 0.9), ulp=64, slope=20000),
    *[row(name, u=(0.2, 1.5), m=(0.1, 0.9), ulp=256, slope=20000)
      for name in ("ellipj_sn", "ellipj_cn", "ellipj_dn", "ellipj_ph")],
    row("agm", a=(0.3, 3), b=(0.3, 3), ulp=64, slope=4000,
        kinks=(((2.0, 2.0), (1.0, 0.0), 0.5), ((2.0, 2.0), (0.0, 1.0), 0.5))),
)

POLYNOMIAL = {"ulp": 4096, "slope": 20000}

ORTHOGONAL = (
    *[row(name, n=DEGREES, x=(-0.9, 0.9), **POLYNOMIAL)
      for name in ("eval_legendre", "eval_chebyt", "eval_chebyu", "eval_chebyc", "eval_chebys",
                   "eval_laguerre", "eval_hermite", "eval_hermitenorm")],
    *[row(name, n=DEGREES, x=(0.1, 0.9), **POLYNOMIAL)
      for name in ("eval_sh_legendre", "eval_sh_chebyt", "eval_sh_chebyu")],
    row("eval_gegenbauer", n=DEGREES, alpha=gap(0.5, 2), x=(-0.9, 0.9), **POLYNOMIAL),
    row("eval_genlaguerre", n=DEGREES, alpha=gap(0.5, 2), x=(0.2, 3), **POLYNOMIAL),
    row("sph_legendre", ("float64",), n=whole(1, 2, 3, 5), m=whole(0, -2, 3, 1), theta=(0.2, 3),
        **POLYNOMIAL),
    row("eval_jacobi", n=DEGREES, alpha=gap(0.5, 2), beta=gap(0.5, 2), x=(-0.9, 0.9), **POLYNOMIAL),
)

COUNTS, FEWER, TRIALS = whole(0, 1, 3, 4), whole(0, 1, 3, 2), whole(5, 5, 6, 4)

DISTRIBUTIONS = (
    row("chdtr", v=(1, 5), x=(0.5, 6), ulp=128), row("chdtrc", v=(1, 5), x=(0.5, 6), ulp=128),
    row("gdtr", a=(0.5, 2), b=(0.5, 4), x=(0.5, 3), ulp=128),
    row("gdtrc", a=(0.5, 2), b=(0.5, 4), x=(0.5, 3), ulp=128),
    row("stdtr", df=(1, 6), t=(-3, 3), ulp=256),
    row("stdtrit", df=(1, 6), p=(0.1, 0.9), ulp=4096, slope=20000),
    row("fdtr", dfn=(1, 6), dfd=(1, 6), x=(0.3, 3), ulp=256, kinks=(
        ((2.0, 4.0, 0.0), (0.0, 0.0, 1.0), 1.0), ((3.0, 4.0, 0.0), (0.0, 0.0, 1.0), 0.0))),
    row("fdtrc", dfn=(1, 6), dfd=(1, 6), x=(0.3, 3), ulp=256),
    row("pdtr", k=COUNTS, m=(0.3, 4), ulp=128), row("pdtrc", k=COUNTS, m=(0.3, 4), ulp=128),
    row("bdtr", k=COUNTS, n=TRIALS, p=(0.1, 0.9), ulp=256),
    row("bdtrc", k=COUNTS, n=TRIALS, p=(0.1, 0.9), ulp=256),
    row("nbdtr", k=COUNTS, n=TRIALS, p=(0.1, 0.9), ulp=256),
    row("nbdtrc", k=COUNTS, n=TRIALS, p=(0.1, 0.9), ulp=256),
    row("chdtri", v=(1, 5), p=(0.1, 0.9), ulp=256),
    row("gdtrix", a=(0.5, 2), b=(0.5, 4), p=(0.1, 0.9), ulp=256),
    row("fdtri", dfn=(1, 6), dfd=(1, 6), p=(0.1, 0.9), ulp=1024, slope=4000),
    row("pdtri", k=COUNTS, y=(0.1, 0.9), ulp=256),
    row("bdtri", k=FEWER, n=TRIALS, y=(0.1, 0.9), ulp=256),
    row("nbdtri", k=COUNTS, n=TRIALS, y=(0.1, 0.9), ulp=256),
)

SPECIAL_ROWS = {r.row.prim: r for r in (
    *ELEMENTARY, *GAMMA, *ERROR, *BESSEL, *INTEGRALS, *HYPERGEOMETRIC, *ELLIPTIC, *ORTHOGONAL,
    *DISTRIBUTIONS)}
