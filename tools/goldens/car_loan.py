"""NannyML's car-loan table by NannyML itself, and the columns that reproduce it.

python tools/goldens/car_loan.py   (pip install -r tools/goldens/requirements-nannyml.txt; Python 3.11)

The data ships in NannyML's package (Apache-2.0). Scores, labels and predicted classes are kept as they are, in their
order. Debt-to-income ratios are kept sorted within a chunk and rounded to 1e-10, which is checked to move no value
across an edge of a histogram.
"""
import gzip
import json
import os
import sys
from importlib.metadata import version

sys.path.append(sys.path.pop(0))  # statistics.py beside this file must not hide Python's own
os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

import nannyml as nml
import numpy as np

from cases import FOLDER, Cases

CHUNK = 5000
METRICS = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy", "confusion_matrix"]
COLUMNS = ["roc_auc", "f1", "precision", "recall", "specificity", "accuracy", "true_positive", "true_negative", "false_positive", "false_negative"]
reference, analysis, targets = nml.load_synthetic_car_loan_dataset()
analysis = analysis.merge(targets, on="id")
common = dict(y_pred_proba="y_pred_proba", y_pred="y_pred", y_true="repaid", problem_type="classification_binary", chunk_size=CHUNK, metrics=METRICS)


cbpe = nml.CBPE(**common, normalize_confusion_matrix=None)
estimated = cbpe.fit(reference).estimate(analysis).to_df()
realised = nml.PerformanceCalculator(**common, normalize_confusion_matrix=None).fit(reference).calculate(analysis).to_df()
drift = nml.UnivariateDriftCalculator(column_names=["debt_to_income_ratio"], continuous_methods=["kolmogorov_smirnov", "jensen_shannon"], chunk_size=CHUNK).fit(reference).calculate(analysis).to_df()


def number(value):
    # A limit that a method does not have is None or NaN.
    return None if value is None or np.isnan(value) else float(value)


def table(frame, *path):
    pick = lambda part: [number(v) for v in frame[(*path, part)]]
    return {"value": pick("value"), "upper": pick("upper_threshold")[0], "lower": pick("lower_threshold")[0], "alert": [bool(v) for v in frame[(*path, "alert")]]}


def period(frame, which):
    return frame[frame[("chunk", "chunk", "period") if frame.columns.nlevels == 3 else ("chunk", "period")] == which]


want = {}
for which in ("reference", "analysis"):
    want[which] = {
        "estimated": {name: table(period(estimated, which), name) for name in COLUMNS},
        "realised": {name: table(period(realised, which), name) for name in COLUMNS},
        "ks": table(period(drift, which), "debt_to_income_ratio", "kolmogorov_smirnov"),
        "js": table(period(drift, which), "debt_to_income_ratio", "jensen_shannon"),
    }


def ratios(frame):
    values = frame["debt_to_income_ratio"].to_numpy().reshape(-1, CHUNK)
    units = np.sort(np.round(values * 1e10).astype(np.int64), axis=1)
    return values, units


raw, whole = ratios(reference)
later, later_whole = ratios(analysis)
for bins in ("doane", 10_000):
    edges, near = np.histogram_bin_edges(raw, bins), np.histogram_bin_edges(whole / 1e10, bins)
    for a, b in ((raw, whole), (later, later_whole)):
        assert all((np.histogram(x, edges)[0] == np.histogram(y / 1e10, near)[0]).all() for x, y in zip(a, b)), f"rounding moves a value over an edge of {bins}"


def rows(frame, units):
    scores = np.round(frame["y_pred_proba"].to_numpy() * 100).astype(int)
    assert (scores / 100 == frame["y_pred_proba"].to_numpy()).all()
    bits = lambda name: "".join(str(int(v)) for v in frame[name])
    return {"scores": scores.tolist(), "labels": bits("repaid"), "predicted": bits("y_pred"), "ratios": [[int(chunk[0]), *np.diff(chunk).tolist()] for chunk in units]}


versions = {"python": sys.version.split()[0], **{p: version(p) for p in ("nannyml", "numpy", "pandas", "scipy", "scikit-learn")}}
out = {
    "versions": versions, "source": "NannyML's synthetic car-loan dataset, Apache-2.0", "chunk": CHUNK, "calibrated": bool(cbpe.needs_calibration),
    "units": {"scores": 0.01, "ratios": 1e-10}, "reference": rows(reference, whole), "analysis": rows(analysis, later_whole), "want": want,
}
path = FOLDER / "car-loan.json.gz"
path.write_bytes(gzip.compress(json.dumps(out, separators=(",", ":"), allow_nan=False).encode(), 9, mtime=0))
print(path, path.stat().st_size, "calibrated", cbpe.needs_calibration)
for which in want:
    print(which, {k: want[which][k] for k in ("ks", "js")}, want[which]["estimated"]["roc_auc"], want[which]["realised"]["roc_auc"])

# The estimators on small cases, and what they are made of.
from nannyml.calibration import _calculate_expected_calibration_error, _get_bin_index_edges
from nannyml.performance_estimation.confidence_based import metrics as estimators
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(20130105)
cases = Cases("performance", "nannyml", "numpy", "scikit-learn")
for case, x, y in (
    ("ordinary", rng.uniform(size=60), None), ("ties", np.round(rng.uniform(size=80), 1), None), ("rising", np.arange(6.), np.arange(6.)), ("falling", np.arange(6.), -np.arange(6.)),
    ("one value", np.array([.3]), np.array([1.])), ("one score", np.full(5, .2), np.array([0., 1, 1, 0, 1])), ("large", np.round(rng.uniform(size=2000), 3), None), ("far apart", np.array([-1e9, 0, 1e-9, 1e9]), np.array([1e9, 0, 1e-9, 5])),
):
    y = (rng.random(len(x)) < x ** 2).astype(float) if y is None else y
    at = np.unique(np.concatenate([x, rng.uniform(x.min() - .1, x.max() + .1, 20), (x[:-1] + x[1:]) / 2]))
    cases.add("isotonic", case, {"scores": x, "targets": y, "at": at}, {"values": IsotonicRegression(out_of_bounds="clip").fit(x, y).predict(at)}, "scikit-learn", 1e-9)
for case, n, bins in (("ordinary", 100, 10), ("ragged", 107, 10), ("tiny", 5, 2), ("large", 2003, 15)):
    c = rng.uniform(size=n)
    y = (rng.random(n) < c).astype(float)
    cases.add("calibrationError", f"equal mass, {case}", {"labels": y, "scores": c, "bins": bins, "scheme": "equal-mass"}, {"value": _calculate_expected_calibration_error(y, c, _get_bin_index_edges(n, bins)), "reason": None}, "NannyML", 1e-10)
    at = np.minimum((c * bins).astype(int), bins - 1)
    cases.add("calibrationError", f"equal width, {case}", {"labels": y, "scores": c, "bins": bins, "scheme": "equal-width"}, {"value": sum(abs((y - c)[at == k].sum()) for k in range(bins)) / n}, "NumPy, written out", 1e-9)
cases.add("calibrationError", "certain and wrong", {"labels": [0, 1], "scores": [1, 0], "bins": 5, "scheme": "equal-width"}, {"value": 1}, "by hand")
cases.add("calibrationError", "no rows", {"labels": [], "scores": [], "bins": 5, "scheme": "equal-width"}, {"value": None, "reason": "EMPTY_SAMPLE"}, "no rows have no error")

CONFUSION = ("f1", "precision", "recall", "specificity", "accuracy")


def counts(pred, c):
    return {"tp": (pred * c).sum(), "fp": (pred * (1 - c)).sum(), "tn": ((1 - pred) * (1 - c)).sum(), "fn": ((1 - pred) * c).sum()}


for case, n, digits in (("ordinary", 200, None), ("ties", 200, 1), ("tiny", 3, None), ("large", 3000, 2), ("extreme", 50, None)):
    raw = rng.uniform(.01, .99, n) if case != "extreme" else rng.uniform(0, 1e-6, n)
    if digits:
        raw = np.round(raw, digits)
    c = np.round(raw ** 1.3, 6) if case != "extreme" else raw ** 1.3
    pred = (raw >= np.quantile(raw, .6)).astype(int)
    # NannyML rounds cumulative counts to 1e-5 before it takes the area; scikit-learn's area with c and 1 - c as weights does not.
    area = roc_auc_score(np.r_[np.ones(n), np.zeros(n)], np.r_[raw, raw], sample_weight=np.r_[c, 1 - c])
    if case != "extreme":
        assert abs(area - estimators.estimate_roc_auc(c, raw)) < 1e-4
    want = {"auc": area, **{name: getattr(estimators, f"estimate_{name}")(pred, c) for name in CONFUSION}, **counts(pred, c)}
    cases.add("estimatePerformance", case, {"scores": raw, "predicted": pred, "probabilities": c, "metrics": list(want)}, want, "NannyML; AUC: scikit-learn, weighted", 1e-10)
for case, n, k in (("ordinary", 150, 3), ("two classes", 60, 2), ("many classes", 400, 7)):
    raw = rng.dirichlet(np.full(k, .7), n)
    c = rng.dirichlet(np.full(k, .7), n) * .3 + raw * .7
    pred = raw.argmax(1)
    want = {name: np.mean([getattr(estimators, f"estimate_{name}")((pred == j).astype(int), c[:, j]) for j in range(k)]) for name in CONFUSION[:-1]}
    want["auc"] = np.mean([roc_auc_score(np.r_[np.ones(n), np.zeros(n)], np.r_[raw[:, j], raw[:, j]], sample_weight=np.r_[c[:, j], 1 - c[:, j]]) for j in range(k)])
    want["accuracy"] = c[np.arange(n), pred].mean()
    cases.add("estimateMulticlass", case, {"classes": k, "scores": raw.ravel(), "probabilities": c.ravel(), "predicted": pred, "metrics": list(want)}, want, "NannyML; AUC: scikit-learn, weighted", 1e-10)
cases.write()
