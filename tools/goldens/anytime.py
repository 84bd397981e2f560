"""Anytime-valid methods: confseq's published fixtures, mixtures in mpmath, sequences written out in NumPy.

python tools/goldens/anytime.py   (pip install -r tools/goldens/requirements.txt)
confseq's package needs a compiler and Boost; its fixtures (test/uniform_boundaries_unittest.cpp at 53f1ce8) are quoted here.
"""
import math

import mpmath as mp
import numpy as np
from scipy import special, stats

from cases import Cases

rng = np.random.default_rng(20130105)
out = Cases("anytime", "numpy", "scipy", "mpmath")
mp.mp.dps = 30

out.add("normalMixture", "confseq's fixture", {"s": 10, "v": 100, "alpha": .05, "bestAt": 100}, {"rho": 12.60056, "log": -.6510052, "bound": 30.35209}, "confseq's fixture (7 digits)", 1e-6)
out.add("gammaExponential", "confseq's fixture", {"s": 10, "v": 100, "alpha": .05, "bestAt": 100, "c": 2}, {"log": -.2490165, "bound": 33.02017}, "confseq's fixture (7 digits)", 1e-6)


def rho_of(v, alpha):
    return v / (2 * mp.log(1 / mp.mpf(alpha)) + mp.log(1 + 2 * mp.log(1 / mp.mpf(alpha))))


def P(shape, x):
    """Regularised lower gamma; the series by hand where mpmath's gives up."""
    if shape < 1000:
        return mp.gammainc(shape, 0, x, regularized=True)
    term = total = mp.mpf(1)
    k = 0
    while term > total * mp.mpf(10) ** -30:
        k += 1
        term *= x / (shape + k)
        total += term
    return total * mp.exp(shape * mp.log(x) - x - mp.loggamma(shape + 1))


def gamma_log(s, v, rho, c):
    s, v, rho, c2 = mp.mpf(s), mp.mpf(v), mp.mpf(rho), mp.mpf(c) ** 2
    r, a, b = rho / c2, (v + rho) / c2, (c * s + v + rho) / c2
    start = r * mp.log(r) - mp.loggamma(r) - mp.log(P(r, r)) - r
    if b <= 0:
        return start + mp.log(mp.hyp1f1(1, a + 1, b) / a)
    return start + mp.loggamma(a) + mp.log(P(a, b)) - a * mp.log(b) + b


def gamma_bound(v, alpha, rho, c):
    """The root, bracketed by doubling from the normal boundary on."""
    f = lambda s: gamma_log(s, v, rho, c) - mp.log(1 / mp.mpf(alpha))
    low, high = mp.mpf(0), mp.sqrt((v + rho) * (mp.log(1 + v / rho) + 2 * mp.log(1 / mp.mpf(alpha))))
    while f(high) < 0:
        low, high = high, 2 * high
    return mp.findroot(f, (low, high), solver="ridder", tol=1e-18)


for s, v, best, alpha, c in ((10, 100, 100, .05, 2), (0, 5, 100, .05, 1), (-20, 400, 100, .01, 1), (1000, 1e5, 1e4, .05, 1), (1, .001, 10, .05, 1), (500, 900, 50, .001, .5), (-30, 10, 5, .05, 1), (-600, 10, 5, .05, 1)):
    rho = rho_of(best, 2 * alpha)
    out.add("gammaExponential", f"s={s} v={v} c={c}", {"s": s, "v": v, "alpha": alpha, "bestAt": best, "c": c}, {"log": float(gamma_log(s, v, rho, c)), "bound": float(gamma_bound(v, alpha, rho, c))}, "mpmath, 30 digits", 1e-9)
    rho = rho_of(best, alpha)
    out.add("normalMixture", f"s={s} v={v}", {"s": s, "v": v, "alpha": alpha, "bestAt": best}, {"rho": float(rho), "log": float(mp.log(rho / (v + rho)) / 2 + mp.mpf(s) ** 2 / (2 * (v + rho))), "bound": float(mp.sqrt((v + rho) * (mp.log(1 + v / rho) + 2 * mp.log(1 / mp.mpf(alpha)))))}, "mpmath, 30 digits", 1e-10)


def log_tail(p, a, b, side):
    log = (stats.beta.logcdf if side == "below" else stats.beta.logsf)(p, a, b)
    # SciPy's far tails underflow.
    return log if log > -500 else float(mp.log(mp.betainc(a, b, 0, p, regularized=True) if side == "below" else mp.betainc(b, a, 0, 1 - mp.mpf(p), regularized=True)))


def beta_log(hits, of, p, a, b):
    return mp.log(mp.beta(a + hits, b + of - hits)) - mp.log(mp.beta(a, b)) - hits * mp.log(p) - (of - hits) * mp.log(1 - p)


for hits, of, p, a, b in ((30, 50, mp.mpf(".5"), 5, 5), (0, 10, mp.mpf(".3"), 1, 1), (0, 2000, mp.mpf(".9"), 9, 1), (2000, 2000, mp.mpf(".1"), 1, 9), (10, 10, mp.mpf(".3"), 2, 7), (50_500, 100_000, mp.mpf(".5"), 50, 50), (950, 1000, mp.mpf(".95"), 19, 1)):
    given = {"hits": hits, "of": of, "p": float(p), "a": a, "b": b}
    p = mp.mpf(float(p))
    out.add("betaBinomialLog", f"{hits} of {of}", given, {"value": float(beta_log(hits, of, p, a, b))}, "mpmath, 30 digits", 1e-8)
    for side in ("below", "above"):
        ratio = log_tail(float(p), a + hits, b + of - hits, side) - log_tail(float(p), a, b, side)
        out.add("oneSidedBetaLog", f"{hits} of {of}, {side}", {**given, "side": side}, {"value": float(beta_log(hits, of, p, a, b) + ratio)}, "mpmath; SciPy's beta tails", 1e-8)


def answer(n, estimate, low, high, logs):
    return {"n": n, "estimate": estimate, "low": low, "high": high, "eValue": math.exp(logs[-1]), "pValue": min(1, math.exp(-max(logs)))}


def splits(x, size):
    return [x[i:i + size] for i in range(0, len(x), size)]


for case, x, against, alpha in (("ordinary", rng.normal(.2, 1, 400), 0, .05), ("skewed", rng.exponential(size=600), 1, .05), ("far offset", 1e6 + rng.normal(size=300), 1e6, .01), ("harm", rng.normal(-.4, 2, 500), 0, .05)):
    for sides in ("both", "upper", "lower"):
        tuned, least, low, high, logs = 200, 100, -math.inf, math.inf, []
        a = alpha if sides == "both" else 2 * alpha
        rho2 = (-2 * math.log(a) + math.log(1 - 2 * math.log(a))) / tuned
        for n in range(50, len(x) + 1, 50):
            if n < least:
                continue
            mean, var = x[:n].mean(), x[:n].var()
            k = n * rho2 + 1
            half = math.sqrt(var * 2 * k / (n * n * rho2) * math.log(math.sqrt(k) / alpha if sides == "both" else 1 + math.sqrt(k) / (2 * alpha)))
            if sides != "upper":
                low = max(low, mean - half)
            if sides != "lower":
                high = min(high, mean + half)
            z = (mean - against) / math.sqrt(var / n) * math.sqrt(n * rho2 / k) * (-1 if sides == "upper" else 1)
            logs.append(z * z / 2 - math.log(k) / 2 + (0 if sides == "both" else math.log(2) + stats.norm.logcdf(z)))
        want = answer(len(x), x.mean(), low if sides != "upper" else -1.7976931348623157e308, high if sides != "lower" else 1.7976931348623157e308, logs)
        out.add("asymptoticSequence", f"{case}, {sides}", {"batches": splits(x, 50), "options": {"alpha": alpha, "tunedFor": tuned, "leastN": least, "sides": sides, "against": against}}, want, "arXiv 2103.06476 written out", 1e-6 if case == "far offset" else 1e-9)
out.add("asymptoticSequence", "below n0", {"batches": [[1, 2, 3]], "options": {"alpha": .05, "tunedFor": 100, "leastN": 100, "sides": "both", "against": 0}}, {"n": 3, "low": None, "eValue": None}, "below the declared n0 there is no answer")

for case, x, against in (("ordinary", rng.normal(.3, 1, 200), 0), ("one value", np.array([3.]), 0)):
    v0, alpha, low, high, logs = 1.5 ** 2, .05, -math.inf, math.inf, []
    rho = float(rho_of(100 * v0, alpha))
    for n in range(1, len(x) + 1):
        s, v = x[:n].sum(), n * v0
        half = math.sqrt((v + rho) * (math.log(1 + v / rho) + 2 * math.log(1 / alpha))) / n
        low, high = max(low, s / n - half), min(high, s / n + half)
        logs.append(.5 * math.log(rho / (v + rho)) + (s - n * against) ** 2 / (2 * (v + rho)))
    out.add("normalMixtureSequence", case, {"batches": splits(x, 1), "options": {"alpha": alpha, "sigma": 1.5, "tunedFor": 100, "against": against}}, answer(len(x), x.mean(), low, high, logs), "Howard et al. (2021) written out", 1e-10)

for case, x, bounds, against in (("ordinary", rng.beta(2, 5, 120), (0, 1), .2), ("shifted", rng.uniform(-1, 1, 60), (-1, 1), 0), ("Bernoulli", (rng.random(150) < .1).astype(float), (0, 1), .3), ("constant", np.full(40, .5), (0, 1), .5)):
    alpha, tuned, sd, c = .05, 100, .3, bounds[1] - bounds[0]
    rho = rho_of(mp.mpf(tuned) * mp.mpf(sd) ** 2, alpha)
    low, high, logs, V, S = -math.inf, math.inf, [], 0., 0.
    for n, value in enumerate(x, 1):
        V += (value - (S / (n - 1) if n > 1 else sum(bounds) / 2)) ** 2
        S += value
        if n % 30 == 0 or n == len(x):
            half = float(gamma_bound(V, alpha / 2, rho, c)) / n
            low, high = max(low, bounds[0], S / n - half), min(high, bounds[1], S / n + half)
            d = S - n * against
            logs.append(float(mp.log((mp.exp(gamma_log(d, V, rho, c)) + mp.exp(gamma_log(-d, V, rho, c))) / 2)))
    out.add("empiricalBernsteinSequence", case, {"batches": splits(x, 30), "options": {"alpha": alpha, "bounds": {"low": bounds[0], "high": bounds[1]}, "tunedFor": tuned, "expectedSd": sd, "against": against}}, answer(len(x), x.mean(), low, high, logs), "Howard et al. (2021) in mpmath", 1e-8)

    unit, grid = (x - bounds[0]) / c, 200
    m = np.append((np.arange(grid) + .5) / grid, (against - bounds[0]) / c)
    up = down = np.zeros(grid + 1)
    low, high, logs = -math.inf, math.inf, []
    for n in range(1, len(unit) + 1):
        before = unit[:n - 1]
        running = [(.5 + before[:i + 1].sum()) / (i + 2) for i in range(n - 1)]
        var = (.25 + sum((before[i] - running[i]) ** 2 for i in range(n - 1))) / n
        bet = math.sqrt(2 * math.log(2 / alpha) / (var * n * math.log(1 + n)))
        up = up + np.log1p(np.minimum(bet, .5 / m) * (unit[n - 1] - m))
        down = down + np.log1p(-np.minimum(bet, .5 / (1 - m)) * (unit[n - 1] - m))
        if n % 30 == 0 or n == len(unit):
            both = np.logaddexp(up, down) - math.log(2)
            kept = np.flatnonzero(both[:-1] < math.log(1 / alpha))
            low, high = max(low, bounds[0] + max(0, kept[0] - .5) * c / grid), min(high, bounds[0] + min(grid, kept[-1] + 1.5) * c / grid)
            logs.append(both[-1])
    out.add("bettingSequence", case, {"batches": splits(x, 30), "options": {"alpha": alpha, "bounds": {"low": bounds[0], "high": bounds[1]}, "against": against}}, answer(len(x), x.mean(), low, high, logs), "Waudby-Smith & Ramdas (2024) written out", 1e-9)

for case, batches, p0, a, b in (("ordinary", [(6, 10), (9, 20), (30, 40)], .5, 4., 4.), ("all hits", [(5, 5), (10, 10)], .5, 2., 2.), ("none", [(0, 7)], .2, 1., 4.), ("large", [(50_700, 100_000)], .5, 40., 40.)):
    low, high, logs, hits, of = 0., 1., [], 0, 0
    for k, n in batches:
        hits, of = hits + k, of + n
        logs.append(float(beta_log(hits, of, mp.mpf(p0), a, b)))
        share = mp.mpf(hits) / of
        for end in (0, 1):
            outside, inside = mp.mpf(end), share
            for _ in range(150):
                mid = (outside + inside) / 2
                outside, inside = (mid, inside) if beta_log(hits, of, mid, a, b) >= mp.log(20) else (outside, mid)
            edge = end if share == end else float(outside)
            low, high = (max(low, edge), high) if end == 0 else (low, min(high, edge))
    out.add("betaBinomialSequence", case, {"batches": batches, "options": {"alpha": .05, "against": p0, "prior": {"a": a, "b": b}}}, answer(of, hits / of, low, high, logs), "mpmath, 30 digits", 1e-8)

def one_sided_log(hits, of, p, a, b, side):
    return special.betaln(a + hits, b + of - hits) - special.betaln(a, b) + log_tail(p, a + hits, b + of - hits, side) - log_tail(p, a, b, side) - hits * math.log(p) - (of - hits) * math.log1p(-p)


for case, x, y, q in (("slower tail", rng.exponential(1, 600), rng.exponential(1.8, 600), .9), ("equal, discrete", rng.integers(0, 6, 400).astype(float), rng.integers(0, 6, 500).astype(float), .5), ("unbalanced", rng.normal(0, 1, 80), rng.normal(-1.5, 1, 900), .25)):
    alpha, tuned, edges = .05, 300, np.r_[-2:0:.25, 0:6.01:.125, 9]
    weight = max(1, tuned / (2 * math.log(4 / alpha) + math.log(1 + 2 * math.log(4 / alpha))))
    a, b = q * weight, (1 - q) * weight
    low, high, logs = [-math.inf] * 2, [math.inf] * 2, []
    batches = [{"a": i, "b": j} for i, j in zip(np.array_split(x, 4), np.array_split(y, 4))]
    for end in range(1, 5):
        arms = [np.concatenate([batch[arm] for batch in batches[:end]]) for arm in "ab"]
        for arm, values in enumerate(arms):
            for edge in edges:
                k = (values <= edge).sum()
                if k < q * len(values) and one_sided_log(k, len(values), q, a, b, "below") >= math.log(4 / alpha):
                    low[arm] = max(low[arm], edge)
                if k > q * len(values) and one_sided_log(k, len(values), q, a, b, "above") >= math.log(4 / alpha):
                    high[arm] = min(high[arm], edge)
        both = []
        for small, large in ((0, 1), (1, 0)):
            lefts, rights = np.append(-math.inf, edges), np.append(edges, math.inf)
            both.append(min(one_sided_log((arms[small] <= l).sum(), len(arms[small]), q, a, b, "above") + one_sided_log((arms[large] <= r).sum(), len(arms[large]), q, a, b, "below") for l, r in zip(lefts, rights)))
        logs.append(np.logaddexp(*both) - math.log(2))
    at = [edges[np.argmax([(v <= e).mean() >= q for e in edges])] for v in arms]
    want = answer(len(x) + len(y), at[1] - at[0], low[1] - high[0], high[1] - low[0], logs)
    out.add("quantileDifferenceSequence", case, {"batches": batches, "options": {"alpha": alpha, "quantile": q, "edges": edges, "tunedFor": tuned}}, {k: v for k, v in want.items() if not math.isinf(v)}, "Howard & Ramdas (2022) with SciPy's beta tails", 1e-8)
out.write()
