"""Two-sample tests and the distribution functions behind them, from SciPy, statsmodels and mpmath.

python tools/goldens/two_sample.py   (pip install -r tools/goldens/requirements.txt)
"""
import warnings
from fractions import Fraction

import mpmath as mp
import numpy as np
from scipy import stats
from scipy.stats._hypotests import _cdf_cvm_inf
from statsmodels.stats.proportion import proportions_ztest

from cases import Cases

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20130102)
out = Cases("two-sample", "numpy", "scipy", "statsmodels", "mpmath")
SCIPY = "SciPy"
mp.mp.dps = 120


def smirnov_exact(n, d):
    d = mp.mpf(d)
    total = mp.mpf(0)
    for j in range(int(mp.floor(n * (1 - d))) + 1):
        u = d + mp.mpf(j) / n
        total += mp.binomial(n, j) * u ** (j - 1) * (1 - u) ** (n - j)
    return float(d * total)


def kstwo_exact(n, d):
    """Durbin's matrix in 120 digits."""
    nd = mp.mpf(n) * mp.mpf(d)
    k = int(mp.ceil(nd)); m = 2 * k - 1; h = k - nd
    H = mp.matrix(m, m)
    for i in range(m):
        for j in range(m):
            H[i, j] = 1 if i - j + 1 >= 0 else 0
    for i in range(m):
        H[i, 0] -= h ** (i + 1); H[m - 1, i] -= h ** (m - i)
    H[m - 1, 0] += (2 * h - 1) ** m if 2 * h - 1 > 0 else 0
    for i in range(m):
        for j in range(m):
            if i - j + 1 > 0:
                H[i, j] /= mp.factorial(i - j + 1)
    return float(1 - (H ** n)[k - 1, k - 1] * mp.factorial(n) / mp.mpf(n) ** n)


for n, d in [(1, .6), (2, .3), (5, .1), (5, .15), (10, .2), (10, .4), (10, .6), (10, .95), (50, .1), (50, .2), (100, .01), (100, .12), (140, .05), (500, .01)]:
    out.add("kolmogorovFiniteSf", f"n={n} d={d}", {"d": d, "n": n}, {"value": kstwo_exact(n, d)}, "mpmath, Durbin's matrix in 120 digits", 1e-11)
for n, d in [(20, .5), (100, .3), (1000, .1), (1000, .5), (200, .9)]:
    out.add("smirnovSf", f"n={n} d={d}", {"d": d, "n": n}, {"value": smirnov_exact(n, d)}, "mpmath, Birnbaum-Tingey in 120 digits", 1e-11)
for n, d in [(141, .05), (1000, .02), (1000, .06), (6000, .01), (50_000, .004), (100_000, .003), (100_000, .01), (5_000_000, .0005)]:
    out.add("kolmogorovFiniteSf", f"n={n} d={d}", {"d": d, "n": n}, {"value": stats.kstwo.sf(d, n)}, SCIPY, 1e-8)
# Above n = 1e6 SciPy's smirnov is an approximation (2e-6 off here); the sum itself by every 500th term of its smooth bump.
n, d = 5_000_000, mp.mpf(1) / 1000
mp.mp.dps = 30
bump = mp.fsum(mp.exp(mp.loggamma(n + 1) - mp.loggamma(j + 1) - mp.loggamma(n - j + 1) + (j - 1) * mp.log(d + mp.mpf(j) / n) + (n - j) * mp.log(1 - d - mp.mpf(j) / n)) for j in range(0, int(n * (1 - d)), 500))
out.add("kolmogorovFiniteSf", "n=5000000 d=0.001", {"d": .001, "n": n}, {"value": float(2 * d * 500 * bump)}, "mpmath, Birnbaum-Tingey", 1e-11)
mp.mp.dps = 120
for k, n, p in [(0, 10, .1), (3, 10, .3), (10, 10, .9), (50, 1000, .01), (500, 1000, .5), (7, 10_000_000, 1e-6), (40, 1000, .001), (900, 1000, .5)]:
    out.add("binomial", f"k={k} n={n} p={p}", {"k": k, "n": n, "p": p}, {"mass": stats.binom.pmf(k, n, p), "cdf": stats.binom.cdf(k, n, p), "sf": stats.binom.sf(k, n, p)}, SCIPY, 1e-9)
for x, d in [(1e3, 1), (1e5, 2), (1e4, 30), (40, 200), (300, 100), (1e3, 150), (-3, 7), (5, 1e6)]:
    t = mp.mpf(x); v = mp.mpf(d)
    half = mp.betainc(v / 2, mp.mpf(1) / 2, 0, v / (v + t * t), regularized=True) / 2
    out.add("tSf", f"x={x} dof={d}", {"x": x, "dof": d}, {"value": float(half if x > 0 else 1 - half)}, "mpmath", 1e-10)


def cvm_tail(x):
    x = mp.mpf(x); total = mp.mpf(0)
    for k in range(0, 60):
        y = 4 * k + 1; q = mp.mpf(y * y) / (16 * x)
        total += mp.gamma(k + mp.mpf(1) / 2) / mp.factorial(k) / (mp.pi ** 1.5 * mp.sqrt(x)) * mp.sqrt(y) * mp.exp(-q) * mp.besselk(mp.mpf(1) / 4, q)
    return float(1 - total)


for x in (0.01, 0.05, 0.12, 0.3, 0.46, 0.49, 0.51, 0.74, 1.2, 2, 4, 10, 30):
    out.add("cramerVonMisesSf", f"x={x}", {"x": x}, {"value": cvm_tail(x)}, "mpmath, the K series in 120 digits", 1e-10)

def cvm_tied(x, y):
    """nm/N^2 times the integral of (F - G)^2 over the pooled values, a tied group by the mean of its two sides; Anderson's moments and SciPy's limit."""
    n, m = len(x), len(y)
    N = n + m
    squares = [Fraction(0)]
    total = Fraction(0)
    values, sizes = np.unique(np.r_[x, y], return_counts=True)
    for value, size in zip(values, sizes):
        squares.append((Fraction(int((x <= value).sum()), n) - Fraction(int((y <= value).sum()), m)) ** 2)
        total += int(size) * (squares[-2] + squares[-1]) / 2
    T = float(Fraction(n * m, N * N) * total)
    variance = (N + 1) * (4 * n * m * N - 3 * (n * n + m * m) - 2 * n * m) / (45 * N * N * 4 * n * m)
    tn = 1 / 6 + (T - (1 + 1 / N) / 6) / np.sqrt(45 * variance)
    return T, float(max(0, 1 - _cdf_cvm_inf(tn))) if tn > .003 else 1.


PAIRS = {
    "ordinary": (rng.normal(size=60), rng.normal(.4, 1.2, size=45)),
    "ties": (rng.integers(0, 6, 50).astype(float), rng.integers(1, 7, 70).astype(float)),
    "tiny": (np.array([1.5, 2.5]), np.array([2.0, 3.0, 4.0])),
    "one value": (np.array([1.0]), np.array([2.0, 3.0])),
    "equal sizes": (rng.normal(size=100), rng.normal(.2, 1, size=100)),
    "coprime": (rng.exponential(size=97), rng.exponential(1.1, size=61)),
    "far apart": (rng.normal(size=80), rng.normal(9, 1, size=90)),
    "extreme tail": (np.arange(500.0), np.arange(499.5, 1000)),
    "extreme coprime": (np.arange(400.0), np.arange(399.5, 900)),
    "small exact": (rng.normal(size=7), rng.normal(.7, 1, size=9)),
    "constant": (np.ones(10), np.ones(12)),
    "large": (np.round(rng.normal(size=3000), 4), np.round(rng.normal(.05, 1, size=2500), 4)),
    "wide scale": (rng.normal(size=40) * 1e-300, rng.normal(size=40) * 1e300),
}
for case, (x, y) in PAIRS.items():
    given = {"x": x, "y": y}
    for how in ("exact", "asymp"):
        r = stats.ks_2samp(x, y, method=how)
        out.add("ksTest", f"{case}, {how}", {**given, "how": "exact" if how == "exact" else "asymptotic"}, {"statistic": r.statistic, "pValue": r.pvalue}, SCIPY, 1e-9)
    if case != "constant":
        for alternative in ("two-sided", "less", "greater"):
            r = stats.mannwhitneyu(x, y, alternative=alternative)
            out.add("mannWhitneyTest", f"{case}, {alternative}", {**given, "alternative": alternative}, {"statistic": r.statistic, "pValue": r.pvalue}, SCIPY)
    else:
        out.add("mannWhitneyTest", case, {**given, "alternative": "two-sided"}, {"statistic": None, "pValue": None, "reason": "NO_VARIANCE"}, "no variance has no test")
    if min(len(x), len(y)) >= 2 and len(np.unique(np.r_[x, y])) < len(x) + len(y):
        statistic, p = cvm_tied(x, y)
        out.add("cramerVonMisesTest", case, given, {"statistic": statistic, "pValue": p, "how": "asymptotic"}, "Anderson's integral in rational arithmetic, where values tie", 1e-6)
    elif min(len(x), len(y)) >= 2:
        r = stats.cramervonmises_2samp(x, y)
        asymptotic = max(len(x), len(y)) > 20
        # SciPy stops its series at 1e-7 and subtracts from one; the law itself is tested against mpmath above.
        out.add("cramerVonMisesTest", case, given, {"statistic": r.statistic, "pValue": r.pvalue} if not asymptotic or r.pvalue > 1e-3 else {"statistic": r.statistic}, SCIPY, 1e-6 if asymptotic else 1e-10)
    if case not in ("constant", "one value"):
        r = stats.anderson_ksamp([x, y], variant="midrank")
        out.add("andersonDarlingTest", case, {"samples": [x, y]}, {"statistic": r.statistic, "pValue": r.pvalue}, SCIPY, 1e-9)
three = [rng.normal(size=20), rng.normal(.3, 1, size=25), rng.normal(.5, 1, size=30)]
r = stats.anderson_ksamp(three, variant="midrank")
out.add("andersonDarlingTest", "three samples", {"samples": three}, {"statistic": r.statistic, "pValue": r.pvalue}, SCIPY, 1e-9)

TABLES = {
    "ordinary": [[30, 20, 50], [25, 30, 40]], "two categories": [[30, 70], [45, 60]], "tiny": [[1, 2], [2, 1]],
    "extreme tail": [[9000, 1000], [1000, 9000]], "large": [[100_000, 200_000, 300_000], [100_900, 199_000, 300_500]],
    "new category": [[50, 50, 0], [40, 40, 20]], "many": [rng.poisson(30, 20).tolist(), rng.poisson(30, 20).tolist()], "equal": [[10, 10], [10, 10]],
    "tail of 1e-266": [[2450, 1000], [1000, 2450]], "tail of 1e-265, three": [[2450, 1000, 50], [1000, 2450, 40]],
}
for case, table in TABLES.items():
    for method, kind in (("chiSquareTest", None), ("gTest", "log-likelihood")):
        r = stats.chi2_contingency(table, lambda_=kind)
        out.add(method, case, {"reference": table[0], "current": table[1]}, {"statistic": r.statistic, "pValue": r.pvalue}, SCIPY, 1e-9)
for table in ([[8, 2], [1, 5]], [[10, 0], [0, 10]], [[3, 3], [3, 3]], [[100, 900], [130, 870]], [[0, 5], [4, 6]], [[2, 3000], [40, 3000]], [[50, 3], [2, 60]], [[300, 1], [1, 300]]):
    for alternative in ("two-sided", "less", "greater"):
        r = stats.fisher_exact(table, alternative)
        want = {"pValue": r.pvalue}
        if np.isfinite(r.statistic):
            want["statistic"] = r.statistic
        out.add("fisherTest", f"{table} {alternative}", {"table": table, "alternative": alternative}, want, SCIPY, 1e-9)
for a, b in (((45, 100), (30, 100)), ((1, 10), (2, 10)), ((100, 100), (0, 100)), ((5000, 10_000), (5100, 10_000)), ((9000, 10_000), (1000, 10_000)), ((1, 2), (1, 2))):
    for alternative, name in (("two-sided", "two-sided"), ("smaller", "less"), ("larger", "greater")):
        z, p = proportions_ztest([a[0], b[0]], [a[1], b[1]], alternative=alternative)
        out.add("twoProportionsTest", f"{a} {b} {name}", {"a": a, "b": b, "alternative": name}, {"statistic": z, "pValue": p}, "statsmodels", 1e-9)
for case, x, y in (("ordinary", [1.1, 2.2, 3.3, 4.4], [2.0, 3.5, 5.5]), ("ties", [1, 1, 2], [1, 2, 2, 3]), ("tiny", [1, 3], [2, 4]), ("far apart", [1, 2, 3, 4, 5], [11, 12, 13, 14, 15]), ("constant", [2, 2, 2], [2, 2])):
    for alternative in ("two-sided", "less", "greater"):
        r = stats.permutation_test((x, y), lambda a, b: np.mean(a) - np.mean(b), alternative=alternative, n_resamples=100_000)
        out.add("permutationTest", f"{case}, {alternative}", {"x": x, "y": y, "alternative": alternative}, {"statistic": r.statistic, "pValue": r.pvalue}, SCIPY)
out.write()
