"""What every special function computes, to 80 digits: mpmath's functions, series, roots, integrals.

As in oracle.py, no formula of a derivative is here: derivatives are differences of these.
"""

from __future__ import annotations

import scipy.special

from .oracle import ctx, elementwise

mpf, exp, log, sqrt, pi = ctx.mpf, ctx.exp, ctx.log, ctx.sqrt, ctx.pi
DEGREE = pi / 180


def inverse(f, guess):
    """The inverse of f(*parameters, x) in x: the root near SciPy's."""
    def g(*args):
        *parameters, y = args
        start = guess(*[a if isinstance(a, int) else float(a) for a in args])
        return ctx.findroot(lambda x: f(*parameters, x) - y, (start, start * mpf("1.0000001")))
    return g


def P(a, x):
    return ctx.gammainc(a, 0, x, regularized=True)


def Q(a, x):
    return ctx.gammainc(a, x, ctx.inf, regularized=True)


def incomplete_beta(a, b, x):
    return ctx.betainc(a, b, 0, x, regularized=True)


def student(v, t):
    tail = incomplete_beta(mpf(v) / 2, mpf(1) / 2, v / (v + t * t)) / 2
    return tail if t < 0 else 1 - tail


def wright_bessel(a, b, x):
    return ctx.fsum(x**k / ctx.factorial(k) * ctx.rgamma(a * k + b) for k in range(120))


def owens_t(h, a):
    return ctx.quad(lambda t: exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a]) / (2 * pi)


def faddeeva(z):
    return exp(-z * z) * ctx.erfc(-1j * z)


def voigt(x, sigma, gamma):
    return ctx.re(faddeeva((x + 1j * gamma) / (sigma * sqrt(2)))) / (sigma * sqrt(2 * pi))


def spherical(bessel):
    return lambda n, z: sqrt(pi / (2 * z)) * bessel(n + mpf(1) / 2, z)


def slope_of(f):
    return lambda x: ctx.diff(f, x)



def binomial_cdf(k, n, p):
    return ctx.fsum(ctx.binomial(n, i) * p**i * (1 - p)**(n - i) for i in range(int(k) + 1))


def poisson_cdf(k, m):
    return ctx.fsum(m**i * exp(-m) / ctx.factorial(i) for i in range(int(k) + 1))


def negative_binomial_cdf(k, n, p):
    return ctx.fsum(ctx.binomial(n + i - 1, i) * p**n * (1 - p)**i for i in range(int(k) + 1))


def boxcox(x, lmbda):
    return (ctx.power(x, lmbda) - 1) / lmbda


def inv_boxcox(y, lmbda):
    return ctx.power(1 + lmbda * y, 1 / lmbda)


def huber(d, r):
    return r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2)


def ndtri(y):
    return sqrt(2) * ctx.erfinv(2 * y - 1)


def kelvin(name):
    return lambda x: getattr(ctx, name)(0, x)


def jacobi_function(name):
    return lambda u, m: ctx.ellipfun(name, u=u, m=m)


UNARY = {
    "logit": lambda p: log(p / (1 - p)), "log_expit": lambda x: -log(1 + exp(-x)),
    "exp10": lambda x: ctx.power(10, x), "exprel": lambda x: ctx.expm1(x) / x,
    "cosm1": lambda x: ctx.cos(x) - 1, "entr": lambda x: -x * log(x),
    "sindg": lambda x: ctx.sin(x * DEGREE), "cosdg": lambda x: ctx.cos(x * DEGREE),
    "tandg": lambda x: ctx.tan(x * DEGREE), "cotdg": lambda x: ctx.cot(x * DEGREE),
    "gamma": ctx.gamma, "loggamma": ctx.loggamma, "gammasgn": lambda x: mpf(1),
    "rgamma": ctx.rgamma, "zetac": lambda x: ctx.zeta(x) - 1,
    "wrightomega": lambda z: ctx.lambertw(exp(z)),
    "erfi": ctx.erfi, "erfcinv": lambda y: ctx.erfinv(1 - y),
    "erfcx": lambda z: exp(z * z) * ctx.erfc(z),
    "dawsn": lambda z: sqrt(pi) / 2 * exp(-z * z) * ctx.erfi(z),
    "wofz": faddeeva, "ndtr": ctx.ncdf, "log_ndtr": lambda x: log(ctx.ncdf(x)),
    "ndtri": ndtri, "ndtri_exp": lambda y: ndtri(exp(y)),
    "fresnel_s": ctx.fresnels, "fresnel_c": ctx.fresnelc,
    "j0": ctx.j0, "j1": ctx.j1, "y0": lambda x: ctx.bessely(0, x),
    "y1": lambda x: ctx.bessely(1, x), "i0": lambda x: ctx.besseli(0, x),
    "i1": lambda x: ctx.besseli(1, x), "k0": lambda x: ctx.besselk(0, x),
    "k1": lambda x: ctx.besselk(1, x), "i0e": lambda x: ctx.besseli(0, x) * exp(-abs(x)),
    "i1e": lambda x: ctx.besseli(1, x) * exp(-abs(x)),
    "k0e": lambda x: ctx.besselk(0, x) * exp(x), "k1e": lambda x: ctx.besselk(1, x) * exp(x),
    "airy_ai": ctx.airyai, "airy_aip": lambda z: ctx.airyai(z, derivative=1),
    "airy_bi": ctx.airybi, "airy_bip": lambda z: ctx.airybi(z, derivative=1),
    **{name: kelvin(name) for name in ("ber", "bei", "ker", "kei")},
    **{name + "p": slope_of(kelvin(name)) for name in ("ber", "bei", "ker", "kei")},
    "exp1": ctx.e1, "expi": ctx.ei, "spence": lambda z: ctx.polylog(2, 1 - z),
    "sici_si": ctx.si, "sici_ci": ctx.ci, "shichi_shi": ctx.shi, "shichi_chi": ctx.chi,
    "ellipk": ctx.ellipk, "ellipkm1": lambda p: ctx.ellipk(1 - p), "ellipe": ctx.ellipe,
}

BINARY = {
    "powm1": lambda x, y: ctx.power(x, y) - 1, "boxcox": boxcox,
    "boxcox1p": lambda x, lmbda: boxcox(1 + x, lmbda), "inv_boxcox": inv_boxcox,
    "inv_boxcox1p": lambda y, lmbda: inv_boxcox(y, lmbda) - 1,
    "xlogy": lambda x, y: x * log(y), "xlog1py": lambda x, y: x * log(1 + y),
    "rel_entr": lambda x, y: x * log(x / y), "kl_div": lambda x, y: x * log(x / y) - x + y,
    "huber": huber, "pseudo_huber": lambda d, r: d * d * (sqrt(1 + (r / d)**2) - 1),
    "poch": ctx.rf, "beta": ctx.beta, "betaln": lambda a, b: log(ctx.beta(a, b)),
    "binom": ctx.binomial, "gammainc": P, "gammaincc": Q,
    "gammaincinv": inverse(P, scipy.special.gammaincinv),
    "gammainccinv": inverse(Q, scipy.special.gammainccinv),
    "lambertw": ctx.lambertw, "owens_t": owens_t,
    "jv": ctx.besselj, "yv": ctx.bessely, "iv": ctx.besseli, "kv": ctx.besselk,
    "yn": ctx.bessely, "kn": ctx.besselk, "hankel1": ctx.hankel1, "hankel2": ctx.hankel2,
    "jve": ctx.besselj, "yve": ctx.bessely,      # on the real line nothing is scaled
    "ive": lambda v, z: ctx.besseli(v, z) * exp(-abs(z)),
    "kve": lambda v, z: ctx.besselk(v, z) * exp(z),
    "hankel1e": lambda v, z: ctx.hankel1(v, z) * exp(-1j * z),
    "hankel2e": lambda v, z: ctx.hankel2(v, z) * exp(1j * z),
    "spherical_jn": spherical(ctx.besselj), "spherical_yn": spherical(ctx.bessely),
    "spherical_in": spherical(ctx.besseli), "spherical_kn": spherical(ctx.besselk),
    "struve": ctx.struveh, "modstruve": ctx.struvel, "expn": ctx.expint,
    "hyp0f1": ctx.hyp0f1, "elliprc": ctx.elliprc, "ellipkinc": ctx.ellipf,
    "ellipeinc": ctx.ellipe, "agm": ctx.agm,
    **{"ellipj_" + name: jacobi_function(name) for name in ("sn", "cn", "dn")},
    "ellipj_ph": lambda u, m: ctx.asin(ctx.ellipfun("sn", u=u, m=m)),
    "eval_legendre": ctx.legendre, "eval_chebyt": ctx.chebyt, "eval_chebyu": ctx.chebyu,
    "eval_chebyc": lambda n, x: 2 * ctx.chebyt(n, x / 2),
    "eval_chebys": lambda n, x: ctx.chebyu(n, x / 2),
    "eval_sh_legendre": lambda n, x: ctx.legendre(n, 2 * x - 1),
    "eval_sh_chebyt": lambda n, x: ctx.chebyt(n, 2 * x - 1),
    "eval_sh_chebyu": lambda n, x: ctx.chebyu(n, 2 * x - 1),
    "eval_hermite": ctx.hermite,
    "eval_hermitenorm": lambda n, x: ctx.power(2, mpf(-n) / 2) * ctx.hermite(n, x / sqrt(2)),
    "eval_laguerre": lambda n, x: ctx.laguerre(n, 0, x),
    "chdtr": lambda v, x: P(v / 2, x / 2), "chdtrc": lambda v, x: Q(v / 2, x / 2),
    "stdtr": student, "stdtrit": inverse(student, scipy.special.stdtrit),
    "chdtri": inverse(lambda v, x: Q(v / 2, x / 2), scipy.special.chdtri),
    "pdtri": inverse(poisson_cdf, scipy.special.pdtri),
    "pdtr": poisson_cdf, "pdtrc": lambda k, m: 1 - poisson_cdf(k, m),
}

TERNARY = {
    "sph_legendre": lambda n, m, theta: ctx.re(ctx.spherharm(n, m, theta, 0)),
    "radian": lambda d, m, s: (d + m / 60 + s / 3600) * DEGREE,
    "betainc": incomplete_beta, "betaincc": lambda a, b, x: 1 - incomplete_beta(a, b, x),
    "betaincinv": inverse(incomplete_beta, scipy.special.betaincinv),
    "betainccinv": lambda a, b, y: TERNARY["betaincinv"](a, b, 1 - y),
    "voigt_profile": voigt, "hyp1f1": ctx.hyp1f1, "hyperu": ctx.hyperu,
    "wright_bessel": wright_bessel,
    "log_wright_bessel": lambda a, b, x: log(wright_bessel(a, b, x)),
    "elliprd": ctx.elliprd, "elliprf": ctx.elliprf, "elliprg": ctx.elliprg,
    "eval_gegenbauer": ctx.gegenbauer, "eval_genlaguerre": ctx.laguerre,
    "gdtr": lambda a, b, x: P(b, a * x), "gdtrc": lambda a, b, x: Q(b, a * x),
    "fdtr": lambda m, n, x: incomplete_beta(m / 2, n / 2, m * x / (m * x + n)),
    "fdtrc": lambda m, n, x: incomplete_beta(n / 2, m / 2, n / (m * x + n)),
    "gdtrix": inverse(lambda a, b, x: P(b, a * x), scipy.special.gdtrix),
    "fdtri": inverse(lambda *args: TERNARY["fdtr"](*args), scipy.special.fdtri),
    "bdtri": inverse(binomial_cdf, scipy.special.bdtri),
    "nbdtr": negative_binomial_cdf,
    "nbdtrc": lambda k, n, p: 1 - negative_binomial_cdf(k, n, p),
    "nbdtri": inverse(negative_binomial_cdf, scipy.special.nbdtri),
    "bdtr": binomial_cdf, "bdtrc": lambda k, n, p: 1 - binomial_cdf(k, n, p),
}

QUATERNARY = {"hyp2f1": ctx.hyp2f1, "elliprj": ctx.elliprj, "eval_jacobi": ctx.jacobi}

SPECIAL_ORACLES = {name: elementwise(f, arguments) for arguments, table in
                   enumerate((UNARY, BINARY, TERNARY, QUATERNARY), 1) for name, f in table.items()}
