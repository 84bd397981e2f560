"""Intervals and multiplicity corrections, from statsmodels, SciPy, scikit-learn and DeLong's double sum.

python tools/goldens/intervals.py   (pip install -r tools/goldens/requirements.txt)
"""
import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.sandwich_covariance import S_hac_simple

from cases import Cases

rng = np.random.default_rng(20130104)
out = Cases("intervals", "numpy", "scipy", "scikit-learn", "statsmodels")

for hits, of in ((30, 100), (0, 10), (10, 10), (1, 1), (1, 3), (5, 1_000_000), (500_000, 1_000_000), (9, 10), (0, 1)):
    for alpha in (.05, .001, .5):
        for method, name in (("wilsonInterval", "wilson"), ("clopperPearsonInterval", "beta")):
            low, high = proportion_confint(hits, of, alpha, name)
            # statsmodels leaves a rounding of zero and one at the ends.
            want = {"estimate": hits / of, "low": 0 if hits == 0 else low, "high": 1 if hits == of else high}
            out.add(method, f"{hits} of {of}, alpha {alpha}", {"hits": hits, "of": of, "alpha": alpha}, want, "statsmodels", 1e-9)
for a, b in (((56, 70), (48, 80)), ((9, 10), (3, 10)), ((10, 10), (0, 20)), ((5, 1000), (8, 900)), ((500_000, 1_000_000), (500_900, 1_000_000)), ((1, 2), (1, 3))):
    for alpha in (.05, .001):
        low, high = confint_proportions_2indep(*a, *b, method="newcomb", compare="diff", alpha=alpha)
        out.add("newcombeInterval", f"{a} {b}, alpha {alpha}", {"a": a, "b": b, "alpha": alpha}, {"low": low, "high": high}, "statsmodels", 1e-9)
for case, x in (("ordinary", rng.normal(3, 2, 40)), ("two values", np.array([1., 2.])), ("far offset", 1e8 + rng.normal(size=30)), ("large", rng.lognormal(size=5000)), ("ties", np.array([1., 1, 1, 2]))):
    for alpha in (.05, 1e-6):
        low, high = stats.t.interval(1 - alpha, len(x) - 1, np.mean(x), stats.sem(x))
        out.add("tInterval", f"{case}, alpha {alpha}", {"values": x, "alpha": alpha}, {"estimate": np.mean(x), "low": low, "high": high}, "SciPy", 1e-9)
        y = rng.normal(1, 3, 25)
        ci = stats.ttest_ind(x, y, equal_var=False).confidence_interval(1 - alpha)
        out.add("welchInterval", f"{case}, alpha {alpha}", {"x": x, "y": y, "alpha": alpha}, {"low": ci.low, "high": ci.high}, "SciPy", 1e-9)
for case, given in (("constant", [2., 2., 2.]), ("one value", [1.]), ("empty", [])):
    reason = {"constant": "NO_VARIANCE", "one value": "TOO_FEW_VALUES", "empty": "EMPTY_SAMPLE"}[case]
    out.add("tInterval", case, {"values": given, "alpha": .05}, {"low": None, "high": None, "reason": reason}, "no variance has no interval")


def parts(labels, scores):
    up, down = scores[labels == 1], scores[labels == 0]
    psi = (up[:, None] > down[None, :]) + 0.5 * (up[:, None] == down[None, :])
    return psi.mean(), psi.mean(1), psi.mean(0)


def delong(labels, first, second):
    a, b = parts(labels, first), parts(labels, second)
    S = np.cov(a[1], b[1], ddof=1) / len(a[1]) + np.cov(a[2], b[2], ddof=1) / len(a[2])
    return a[0], b[0], S


for case, n, digits in (("ordinary", 200, None), ("ties", 150, 1), ("tiny", 6, None), ("large", 1500, 3), ("rare positives", 400, 2)):
    labels = (rng.random(n) < (.02 if case == "rare positives" else .4)).astype(int)
    labels[:4] = [0, 1, 0, 1]
    first, second = rng.normal(labels * 1.0), rng.normal(labels * .6)
    if digits is not None:
        first, second = np.round(first, digits), np.round(second, digits)
    A, B, S = delong(labels, first, second)
    assert abs(A - roc_auc_score(labels, first)) < 1e-12
    out.add("aucVariance", case, {"labels": labels, "scores": first}, {"auc": roc_auc_score(labels, first), "variance": S[0, 0]}, "scikit-learn; DeLong's double sum", 1e-10)
    se = np.sqrt(S[0, 0] + S[1, 1] - 2 * S[0, 1])
    z = (A - B) / se
    out.add("aucDifference", case, {"labels": labels, "first": first, "second": second, "alpha": .05}, {"estimate": A - B, "low": A - B - stats.norm.isf(.025) * se, "high": A - B + stats.norm.isf(.025) * se, "z": z, "pValue": 2 * stats.norm.sf(abs(z))}, "DeLong's double sum", 1e-9)
out.add("aucDifference", "same model", {"labels": labels, "first": first, "second": first, "alpha": .05}, {"low": None, "reason": "NO_VARIANCE"}, "no variance has no interval")
out.add("aucDifference", "one class", {"labels": [1, 1], "first": [1, 2], "second": [1, 3], "alpha": .05}, {"low": None, "reason": "ONE_CLASS"}, "one class has no AUC")

for case, x, statistic in (("mean", rng.exponential(size=30), np.mean), ("standard deviation", rng.normal(size=25), lambda v, axis=-1: np.std(v, ddof=1, axis=axis)), ("median", rng.lognormal(size=21), np.median), ("ties", rng.integers(0, 4, 20).astype(float), np.mean)):
    for alpha in (.05, .2):
        r = stats.bootstrap((x,), statistic, n_resamples=500, confidence_level=1 - alpha, method="BCa", rng=np.random.default_rng(1))
        jackknife = [statistic(np.delete(x, i)) for i in range(len(x))]
        out.add("bcaLimits", f"{case}, alpha {alpha}", {"estimate": statistic(x), "replicates": r.bootstrap_distribution, "jackknife": jackknife, "alpha": alpha}, {"low": r.confidence_interval.low, "high": r.confidence_interval.high}, "SciPy", 1e-9)
for case, p in (("ordinary", [.001, .008, .039, .041, .042, .06, .074, .205, .212, .216, 1.0]), ("ties", [.01, .01, .5, .5]), ("one", [.03]), ("tiny", [1e-300, 1e-290, .9]), ("zeros and ones", [0., 0., 1., 1.]), ("unordered", rng.random(30))):
    for method, name in (("bonferroni", "bonferroni"), ("holm", "holm"), ("benjaminiHochberg", "fdr_bh")):
        out.add(method, case, {"p": p}, {"adjusted": multipletests(p, method=name)[1]}, "statsmodels", 1e-12)
for case, x, lag in (("autocorrelated", np.cumsum(rng.normal(size=100)) * .1 + rng.normal(size=100), 8), ("short", rng.normal(size=5), 2)):
    x = np.abs(x) if case == "short" else x
    s = float(np.squeeze(S_hac_simple((x - x.mean())[:, None], nlags=lag))) / len(x)
    out.add("longRunVariance", case, {"values": x, "lag": lag}, {"variance": max(s, x.var()), "slotVariance": x.var()}, "statsmodels S_hac_simple, floored", 1e-11)
out.write()
