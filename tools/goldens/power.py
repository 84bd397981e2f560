"""Power of the decision rules: statsmodels and SciPy's multivariate normal where they have the rule, exact sums over SciPy's laws elsewhere.

python tools/goldens/power.py   (pip install -r tools/goldens/requirements.txt)
"""
import math

import numpy as np
from scipy import optimize, special, stats
from statsmodels.stats.proportion import power_proportions_2indep

from cases import Cases

rng = np.random.default_rng(20130107)
out = Cases("power", "numpy", "scipy", "statsmodels")


def proportions(difference, n, reference, ratio, alpha, alternative):
    name = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}[alternative]
    return power_proportions_2indep(difference, reference, n, ratio=ratio, alpha=alpha, alternative=name, return_results=False)


for reference, difference, n, ratio, alpha, alternative in ((.1, .02, 2000, 1, .05, "two-sided"), (.5, -.05, 800, 2, .01, "two-sided"), (.02, .01, 1500, .25, .05, "greater"), (.9, -.03, 3000, 4, .001, "less"), (.001, .0004, 100_000, 1, .05, "greater"), (.3, .3, 10, 1, .05, "two-sided"), (.3, .001, 100, 1, .05, "two-sided")):
    plan = {"reference": reference, "ratio": ratio, "alpha": alpha, "alternative": alternative}
    case = f"{reference} {difference:+}, n {n}, {alternative}"
    out.add("twoProportionsPower", case, {"difference": difference, "n": n, "plan": plan}, {"power": proportions(difference, n, reference, ratio, alpha, alternative)}, "statsmodels", 1e-9)
    for power in (.8, .99):
        size = optimize.brentq(lambda k: proportions(difference, k, reference, ratio, alpha, alternative) - power, 1, 1e12)
        out.add("twoProportionsSize", f"{case}, power {power}", {"difference": difference, "power": power, "plan": plan}, {"value": math.ceil(size)}, "statsmodels, solved by SciPy", 0)
        wide = (-reference if alternative == "less" else 1 - reference) * (1 - 1e-9)
        if proportions(wide, n, reference, ratio, alpha, alternative) > power:
            found = optimize.brentq(lambda d: proportions(d, n, reference, ratio, alpha, alternative) - power, math.copysign(1e-12, wide), wide, xtol=1e-15, rtol=1e-13)
            out.add("twoProportionsDetectable", f"{case}, power {power}", {"n": n, "power": power, "plan": plan}, {"value": found}, "statsmodels, solved by SciPy", 1e-8)


def half_width(n, variance, alpha, tuned):
    rho2 = (-2 * math.log(2 * alpha) + math.log(1 - 2 * math.log(2 * alpha))) / tuned
    k = n * rho2 + 1
    return math.sqrt(variance * 2 * k / (n * n * rho2) * math.log(1 + math.sqrt(k) / (2 * alpha)))


for variance, alpha, tuned, least, every, most, distance in ((1, .05, 56, 56, 56, 224, .4), (2.5e-4, .05, 112, 56, 56, 168, .004), (4, .01, 100, 30, 50, 100, 1.2), (1, .05, 56, 56, 56, 224, 0), (1, .2, 30, 10, 20, 80, .1), (1, .05, 100, 100, 100, 100, .3)):
    looks = [n for n in range(every, most + 1, every) if n >= least]
    bounds = [math.sqrt(n / variance) * (distance - half_width(n, variance, alpha, tuned)) for n in looks]
    cov = np.array([[math.sqrt(min(a, b) / max(a, b)) for b in looks] for a in looks])
    # Never below the bound = the mirrored process never above its mirror.
    stay = stats.norm.cdf(-bounds[0]) if len(looks) == 1 else stats.multivariate_normal(cov=cov, seed=1, maxpts=4_000_000, abseps=1e-9, releps=1e-9).cdf([-b for b in bounds])
    plan = {"variance": variance, "alpha": alpha, "tunedFor": tuned, "minSlots": least, "lookEvery": every, "most": most}
    out.add("sequencePower", f"distance {distance}, looks {looks}", {"distance": distance, "plan": plan}, {"power": 1 - stay}, "SciPy's multivariate normal", 2e-5)

for distance, alpha in ((.16, .05), (.2, .05), (.18, .01)):
    looks = np.arange(20, 401, 20)
    width = np.array([half_width(n, 1, alpha, 80) for n in looks])
    passed = np.zeros(40_000, dtype=bool)
    for part in range(8):
        sums = rng.normal(0, math.sqrt(20), (5000, len(looks))).cumsum(1)
        passed[part * 5000:(part + 1) * 5000] = (sums / looks + width < distance).any(1)
    p = passed.mean()
    out.add("sequencePower", f"distance {distance}, twenty looks", {"distance": distance, "plan": {"variance": 1, "alpha": alpha, "tunedFor": 80, "minSlots": 20, "lookEvery": 20, "most": 400}}, {"power": p}, "40,000 simulated runs", 4 * math.sqrt((1 - p) / p / 40_000))


def log_e(count, n, share, c):
    a, b = c * share, c * (1 - share)
    return special.gammaln(c) - special.gammaln(c + n) + special.gammaln(a + count) - special.gammaln(a) + special.gammaln(b + n - count) - special.gammaln(b) - count * math.log(share) - (n - count) * math.log1p(-share)


def ratio_power(actual, n, share, alpha, c):
    counts = np.arange(n + 1)
    return stats.binom.pmf(counts[log_e(counts, n, share, c) >= -math.log(alpha)], n, actual).sum()


for actual, n, share, alpha, c in ((.55, 2000, .5, .001, 100), (.19, 20_000, .2, .001, 100), (.5, 5000, .5, .01, 100), (.3, 100, .1, .001, 10), (.02, 300, .05, .05, 100), (.11, 50_000, .1, .001, 100)):
    given = {"actual": actual, "n": n, "plan": {"share": share, "alpha": alpha, "concentration": c}}
    out.add("sampleRatioPower", f"{actual} for {share}, n {n}", given, {"power": ratio_power(actual, n, share, alpha, c)}, "sum over SciPy's binomial", 1e-8)
    for power in (.8, .95):
        want = {}
        for side, end in (("below", 1e-12), ("above", 1 - 1e-12)):
            f = lambda q: ratio_power(q, n, share, alpha, c) - power
            want[side] = optimize.brentq(f, share, end, xtol=1e-14) if f(end) > 0 else None
        out.add("sampleRatioDetectable", f"{share}, n {n}, power {power}", {**given, "power": power}, want, "sum over SciPy's binomial, solved by SciPy", 1e-7)


def error_power(rates, rows, alpha, c):
    x, y = (np.arange(int(r * m + 12 * math.sqrt(r * m) + 40)) for r, m in zip(rates, rows))
    X, Y = np.meshgrid(x, y, indexing="ij")
    share = rows[1] / sum(rows)
    fires = (log_e(Y, X + Y, share, c) >= -math.log(alpha)) & (Y / rows[1] > X / rows[0])
    return (stats.poisson.pmf(X, rates[0] * rows[0]) * stats.poisson.pmf(Y, rates[1] * rows[1]))[fires].sum()


for rates, rows, alpha, c in (((.01, .02), (8000, 2000), .05, 4), ((.001, .001), (50_000, 50_000), .05, 4), ((.05, .06), (5000, 5000), .01, 4), ((0., .01), (1000, 1000), .05, 4), ((.002, .5), (400, 20), .001, 4), ((.01, .013), (30_000, 10_000), .05, 20)):
    given = {"rates": {"champion": rates[0], "challenger": rates[1]}, "rows": {"champion": rows[0], "challenger": rows[1]}, "plan": {"alpha": alpha, "concentration": c}}
    out.add("errorCountPower", f"{rates} {rows}", given, {"power": error_power(rates, rows, alpha, c)}, "double sum over SciPy's Poisson laws", 1e-8)
    if rates[1] > rates[0]:
        found = optimize.brentq(lambda r: error_power((rates[0], r), rows, alpha, c) - .8, rates[0], min(1, 40 * max(rates) + .01), xtol=1e-12)
        out.add("errorCountDetectable", f"{rates[0]} {rows}", {**given, "rate": rates[0], "power": .8}, {"value": found}, "double sum over SciPy's Poisson laws, solved by SciPy", 1e-6)


def one_sided_log(hits, of, p, a, b, side):
    tail = stats.beta.logcdf if side == "below" else stats.beta.logsf
    return special.betaln(a + hits, b + of - hits) - special.betaln(a, b) + tail(p, a + hits, b + of - hits) - tail(p, a, b) - hits * math.log(p) - (of - hits) * math.log1p(-p)


def quantile_power(shares, n, alpha, q, tuned):
    weight = max(1, tuned / (2 * math.log(4 / alpha) + math.log(1 + 2 * math.log(4 / alpha))))
    a, b = q * weight, (1 - q) * weight
    ka, kb = np.arange(n[0] + 1), np.arange(n[1] + 1)
    high = (ka > q * n[0]) & (one_sided_log(ka, n[0], q, a, b, "above") >= math.log(4 / alpha))
    low = (kb < q * n[1]) & (one_sided_log(kb, n[1], q, a, b, "below") >= math.log(4 / alpha))
    return stats.binom.pmf(ka[high], n[0], shares[0]).sum() * stats.binom.pmf(kb[low], n[1], shares[1]).sum()


for shares, n, alpha, q, tuned in (((.6, .4), (500, 500), .05, .5, 500), ((.97, .92), (4000, 1000), .05, .95, 2000), ((.999, .98), (5000, 5000), .001, .99, 5000), ((.5, .5), (200, 200), .05, .5, 100), ((1., .6), (40, 40), .1, .9, 50)):
    given = {"shares": {"a": shares[0], "b": shares[1]}, "n": {"a": n[0], "b": n[1]}, "plan": {"alpha": alpha, "quantile": q, "tunedFor": tuned}}
    out.add("quantilePower", f"{shares} {n}", given, {"power": quantile_power(shares, n, alpha, q, tuned)}, "sums over SciPy's binomial laws", 1e-8)
    f = lambda d: quantile_power((min(1, q + d), max(0, q - d)), n, alpha, q, tuned) - .8
    widest = max(q, 1 - q)
    want = {"value": optimize.brentq(f, 0, widest, xtol=1e-14)} if f(widest) > 0 else {"value": None, "reason": "OUT_OF_REACH"}
    out.add("quantileDetectable", f"{q}, {n}", {**given, "power": .8}, want, "sums over SciPy's binomial laws, solved by SciPy", 1e-7)
out.write()
