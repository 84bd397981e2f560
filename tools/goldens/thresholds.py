"""Null laws: permutation p-values by full enumeration, chi-square limits by SciPy.

python tools/goldens/thresholds.py   (pip install -r tools/goldens/requirements.txt)
"""
import itertools
import math

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

from cases import Cases

out = Cases("thresholds", "numpy", "scipy")


def splits(totals, n):
    """Every first row of a 2 x K table with these totals, and its probability under dealing."""
    everything = math.comb(int(sum(totals)), n)
    for head in itertools.product(*(range(t + 1) for t in totals[:-1])):
        last = n - sum(head)
        if 0 <= last <= totals[-1]:
            row = np.array([*head, last], float)
            yield row, math.prod(math.comb(int(t), int(k)) for t, k in zip(totals, row)) / everything


def filled(share):
    least = share[share > 0].min()
    return np.where(share == 0, least / 1e6 if least <= 1e-4 else 1e-4, share)


def psi(a, b):
    p, q = filled(a / a.sum()), filled(b / b.sum())
    return float(np.sum((p - q) * np.log(p / q)))


def chi(a, b, yates=False, kind=None):
    return stats.chi2_contingency([a, b], correction=yates, lambda_=kind).statistic


MEASURES = {
    "total-variation": lambda a, b: np.abs(a / a.sum() - b / b.sum()).sum() / 2, "l-infinity": lambda a, b: np.abs(a / a.sum() - b / b.sum()).max(),
    "binned-ks": lambda a, b: np.abs(np.cumsum(a / a.sum() - b / b.sum())).max(), "psi": psi, "jensen-shannon": lambda a, b: jensenshannon(a / a.sum(), b / b.sum()),
    # Not symmetric: which sample is the reference matters.
    "kullback-leibler": lambda a, b: stats.entropy(a + .5, b + .5),
}
TABLES = {"ordinary": ([8, 5, 2, 1], [3, 4, 5, 3]), "tiny": ([2, 1], [1, 2]), "ties": ([4, 4, 4], [4, 4, 4]), "a zero": ([6, 0, 5], [3, 4, 1]), "unequal sizes": ([20, 9, 4], [2, 1, 4]), "far apart": ([7, 1, 0], [0, 2, 7])}


def exact(a, b, of):
    seen = of(np.array(a, float), np.array(b, float))
    totals = np.array(a) + b
    return seen, sum(p for row, p in splits(totals, sum(a)) if of(row, totals - row) >= seen * (1 - 1e-12) - 1e-15)


# 10,000 rounds: the tolerance is four Monte-Carlo errors of the seeded answer.
def noise(p):
    return 4 * math.sqrt(max(0, 1 - p) / p / 10_000) + 1e-4 / p


for case, (a, b) in TABLES.items():
    given = {"reference": a, "current": b}
    for name, of in MEASURES.items():
        seen, p = exact(a, b, of)
        out.add("dealtNull", f"{case}, {name}", {**given, "measure": name}, {"pValue": p}, "every table enumerated", noise(p))
    for yates in (True, False):
        corrected = yates and len(a) == 2
        seen, p = exact(a, b, lambda x, y: chi(x, y, corrected))
        out.add("chiSquareDealt", f"{case}, yates {yates}", {**given, "yates": yates}, {"pValue": p, "how": "permutation"}, "every table enumerated", noise(p))
    seen, p = exact(a, b, lambda x, y: chi(x, y, False, "log-likelihood"))
    out.add("gDealt", case, given, {"pValue": p}, "every table enumerated", noise(p))
for case, a, b, merged in (("rare categories", [500, 300, 3, 2, 4, 200], [260, 140, 1, 2, 1, 110], ([500, 300, 209], [260, 140, 114])), ("nothing rare", [50, 60], [70, 40], ([50, 60], [70, 40])), ("large", [10**6, 10**6, 7, 1], [10**6, 10**6 + 999, 0, 1], ([10**6, 10**6 + 8], [10**6 + 999, 10**6 + 1]))):
    # The merging rule by hand: categories that expect fewer than five rows in the smaller sample, least first, until the rest expects five.
    r = stats.chi2_contingency(merged)
    out.add("chiSquareMerged", case, {"reference": a, "current": b}, {"statistic": r.statistic, "pValue": r.pvalue}, "SciPy on the table merged by hand", 1e-8)

for case, (a, b) in {**TABLES, "large": ([10**8, 10**8, 10**6], [10**8, 10**8 - 999, 10**6]), "disjoint": ([5, 0], [0, 7])}.items():
    a, b = np.array(a, float), np.array(b, float)
    p, q = (a + .5) / (a + .5).sum(), (b + .5) / (b + .5).sum()
    out.add("psi", case, {"reference": a, "current": b}, {"value": float(np.sum((p - q) * np.log(p / q)))}, "NumPy, written out", 1e-8)
    out.add("binnedKs", case, {"reference": a, "current": b}, {"value": float(np.abs(np.cumsum(a) / a.sum() - np.cumsum(b) / b.sum()).max())}, "NumPy, written out", 1e-9)

# Values exact in doubles; each distance's second-order expansion in chi-square.
for n, m, bins in ((50, 50, 2), (1000, 100, 10), (100_000, 1000, 40), (10**6, 10**6, 3)):
    s = 1 / n + 1 / m
    all_ = n + m
    least = min(bins - (bins - 1) ** 2 / (all_ - 1), 2 - 1 / (all_ - 1)) - 1
    back = {
        "psi": (lambda v: v / s, lambda x: x * s), "kullback-leibler": (lambda v: 2 * v / s, lambda x: x * s / 2), "jensen-shannon": (lambda v: 8 * v * v / s, lambda x: math.sqrt(x * s / 8)),
        "jensen-shannon, base 2": (lambda v: 8 * math.log(2) * v * v / s, lambda x: math.sqrt(x * s / 8 / math.log(2))), "hellinger": (lambda v: 8 * v * v / s, lambda x: math.sqrt(x * s / 8)),
        "cramers-v": (lambda v: all_ * (v * v * least + (bins - 1) / (all_ - 1)), lambda x: math.sqrt(max(0, x / all_ - (bins - 1) / (all_ - 1)) / least)),
    }
    for name, (to, of) in back.items():
        for x in (.5 * bins, bins, 3 * bins + 5, 1300):
            value = of(x)
            for alpha in (.05, 1e-6, 1e-290):
                p = stats.chi2.sf(to(value), bins - 1) if value > 0 else 1.0
                out.add("chiSquareLimit", f"{name} n={n} m={m} bins={bins} at {x}, alpha {alpha}", {"measure": name, "n": n, "m": m, "bins": bins, "value": value, "alpha": alpha}, {"pValue": p, "threshold": of(stats.chi2.isf(alpha, bins - 1))}, "SciPy's chi-square", 1e-9)
out.write()
