"""Distances, histogram edges and column profiles, from SciPy and NumPy.

python tools/goldens/distances.py   (pip install -r tools/goldens/requirements.txt)
"""
from fractions import Fraction

import mpmath as mp
import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

from cases import Cases

rng = np.random.default_rng(20130103)
out = Cases("distances", "numpy", "scipy", "mpmath")
mp.mp.dps = 40


def evidently(share):
    least = share[share > 0].min()
    return np.where(share == 0, least / 1e6 if least <= 1e-4 else 1e-4, share)


def kl_exact(p, q, base):
    p, q = [mp.mpf(float(v)) for v in p], [mp.mpf(float(v)) for v in q]
    ps, qs = mp.fsum(p), mp.fsum(q)
    return float(mp.fsum(a / ps * mp.log(a / ps / (b / qs)) for a, b in zip(p, q) if a > 0) / (mp.log(base) if base else 1))


def js_exact(a, b, base):
    n, m = mp.fsum(a), mp.fsum(b)
    half = lambda p, q: p * mp.log(2 * p / (p + q)) if p > 0 else 0
    total = mp.fsum(half(x / n, y / m) + half(y / m, x / n) for x, y in zip(map(mp.mpf, map(float, a)), map(mp.mpf, map(float, b))))
    return float(mp.sqrt(abs(total) / 2 / (mp.log(base) if base else 1))) if abs(total) > mp.mpf(10) ** -35 else 0.0


COUNTS = {
    "ordinary": ([30, 20, 50], [25, 30, 45]), "equal": ([10, 20, 30], [10, 20, 30]), "a zero": ([30, 0, 50, 20], [25, 30, 45, 0]),
    "empty in both": ([30, 0, 50], [25, 0, 45]), "disjoint": ([10, 0], [0, 10]), "tiny": ([1, 2], [2, 1]), "one category": ([5, 0], [7, 0]),
    "large": ([10**9, 2 * 10**9, 3 * 10**9], [10**9 + 10**5, 2 * 10**9, 3 * 10**9]), "rare": ([100_000, 1, 0], [90_000, 0, 3]),
    "many": (rng.poisson(50, 40).tolist(), rng.poisson(5, 40).tolist()),
}
for case, (a, b) in COUNTS.items():
    given = {"reference": a, "current": b}
    a, b = np.array(a, float), np.array(b, float)
    used = (a + b) > 0
    p, q = a[used] / a.sum(), b[used] / b.sum()
    for name, rule, zeros in (("evidently", evidently, "evidently"), ("deepchecks", lambda s: np.maximum(s, .01), "deepchecks"), ("popmon", lambda s: s + 1e-5, "popmon"), ("none", lambda s: s, "none")):
        P, Q = rule(p), rule(q)
        with np.errstate(all="ignore"):
            value = np.sum((P - Q) * np.log(P / Q))
        want = {"value": value, "reason": None} if np.isfinite(value) else {"value": None, "reason": "ZERO_MASS"}
        out.add("psiWith", f"{case}, {name}", {**given, "zeros": zeros}, want, "NumPy, written out", 1e-9)
    for base in (None, 2):
        kl, js = kl_exact(evidently(p), evidently(q), base), js_exact(a[used], b[used], base)
        # The authority must not cancel: SciPy's own doubles agree with these digits to 1e-6 at worst.
        assert abs(kl - stats.entropy(evidently(p), evidently(q), base=base)) < 1e-6 * max(kl, 1e-9) and abs(js - jensenshannon(p, q, base=base)) < 1e-4 * max(js, 1e-9)
        out.add("klDivergence", f"{case}, base {base}", {**given, "zeros": "evidently", "base": base}, {"value": kl}, "SciPy, its formula in 40 digits", 1e-10)
        out.add("jensenShannonDistance", f"{case}, base {base}", {**given, "base": base}, {"value": js}, "SciPy, its formula in 40 digits", 1e-10)
    out.add("hellinger", case, given, {"value": np.sqrt(0.5 * np.sum((np.sqrt(p) - np.sqrt(q)) ** 2))}, "NumPy, written out", 1e-10)
    out.add("totalVariation", case, given, {"value": np.abs(p - q).sum() / 2}, "NumPy, written out", 1e-9)
    out.add("lInfinity", case, given, {"value": np.abs(p - q).max()}, "NumPy, written out", 1e-9)
    if used.sum() < 2:
        out.add("cramersV", case, given, {"value": None, "reason": "ONE_CATEGORY"}, "one category has no association")
        continue
    N, k, r = a.sum() + b.sum(), used.sum(), 2
    phi2 = stats.chi2_contingency([a[used], b[used]], correction=False).statistic / N
    top = max(0, phi2 - (k - 1) * (r - 1) / (N - 1))
    out.add("cramersV", case, given, {"value": np.sqrt(top / min(k - (k - 1) ** 2 / (N - 1) - 1, r - (r - 1) ** 2 / (N - 1) - 1))}, "SciPy's chi-square, Bergsma's correction", 1e-6 if case == "large" else 1e-9)

VALUES = {
    "ordinary": (rng.normal(size=200), rng.normal(.3, 1.1, size=150)), "ties": (rng.integers(0, 5, 60).astype(float), rng.integers(0, 6, 80).astype(float)),
    "tiny": (np.array([1., 2.]), np.array([1.5])), "equal": (np.array([1., 2, 3]), np.array([3., 1, 2])), "constant": (np.ones(5), np.full(4, 3.)),
    "large": (rng.lognormal(0, 2, 5000), rng.lognormal(.1, 2, 4000)), "far offset": (1e9 + rng.normal(size=100), 1e9 + rng.normal(size=90)), "disjoint": (rng.random(30), 5 + rng.random(30)),
}
for case, (x, y) in VALUES.items():
    given = {"x": x, "y": y}
    w = stats.wasserstein_distance(x, y)
    out.add("wasserstein", case, given, {"value": w}, "SciPy", 1e-10)
    out.add("wassersteinNormalised", case, given, {"value": w / max(np.std(x), .001)}, "SciPy over Evidently's scale", 1e-10)
    out.add("energyDistance", case, given, {"value": stats.energy_distance(x, y)}, "SciPy", 1e-10)
    for method in ("sturges", "doane"):
        out.add(f"{method}Edges", case, {"values": x}, {"edges": np.histogram_bin_edges(x, method)}, "NumPy", 1e-12)
    edges = np.unique(np.quantile(x, np.linspace(0, 1, 11)))
    if len(edges) > 1:
        out.add("quantileEdges", case, {"values": x, "bins": 10}, {"edges": edges}, "NumPy", 1e-12)
    low, high = np.quantile(x, [.05, .95]) if len(x) > 2 and case != "constant" else (0, 3)
    edges = np.linspace(low, high, 9)
    exact = [Fraction(float(v)) for v in x]
    mean = sum(exact) / len(x)
    variance = sum((v - mean) ** 2 for v in exact) / (len(x) - 1)
    out.add("profileValues", case, {"values": x, "edges": edges}, {"bins": np.histogram(x, edges)[0], "underflow": int((x < edges[0]).sum()), "overflow": int((x > edges[-1]).sum()), "mean": float(mean), "variance": float(variance)}, "NumPy; moments in rational arithmetic", 1e-15)
    edges = np.linspace(min(x.min(), y.min()), max(x.max(), y.max()), 21)
    a, b, mid = np.histogram(x, edges)[0], np.histogram(y, edges)[0], (edges[1:] + edges[:-1]) / 2
    out.add("wassersteinBinned", case, {"reference": a, "current": b, "edges": edges}, {"value": stats.wasserstein_distance(mid, mid, a, b)}, "SciPy on bin middles", 1e-9 if case != "far offset" else 1e-6)
out.write()
