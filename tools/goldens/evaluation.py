"""Golden values for libs/evaluation from scikit-learn; slices from a brute-force enumeration.

python tools/goldens/evaluation.py   (pip install -r tools/goldens/requirements.txt)
"""
import itertools
import sys
import warnings

sys.path.append(sys.path.pop(0))  # statistics.py beside this file must not hide Python's own

import numpy as np
from sklearn import metrics

from cases import Cases

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
out = Cases("evaluation", "numpy", "scikit-learn", room="evaluation")
SK = "scikit-learn"


def add(task, case, rows, want, options=None, authority=SK, tolerance=1e-10):
    want = {m: v if isinstance(v, dict) else {"value": float(v), "reason": None} for m, v in want.items()}
    out.add("evaluate", f"{task}, {case}", {"task": task, "rows": rows, "options": options or {}, "metrics": list(want)}, want, authority, tolerance)


def none(reason):
    return {"value": None, "reason": reason}


def clip(p):
    return np.clip(p, 1e-6, 1 - 1e-6)


# Binary. DeLong's error from the definition, without midranks.
def binary(case, labels, scores, threshold=.5):
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=float)
    predicted = (scores >= threshold).astype(int)
    both, some, flagged = len(set(labels)) == 2, labels.any(), predicted.any()
    bins = np.minimum((scores * 10).astype(int), 9)
    want = {
        "log_loss": metrics.log_loss(labels, clip(scores), labels=[0, 1]),
        "brier": metrics.brier_score_loss(labels, scores, labels=[0, 1], pos_label=1),
        "accuracy": metrics.accuracy_score(labels, predicted),
        "precision": metrics.precision_score(labels, predicted) if flagged else none("NO_PREDICTED_POSITIVES"),
        "recall": metrics.recall_score(labels, predicted) if some else none("ONE_CLASS"),
        "specificity": metrics.recall_score(labels, predicted, pos_label=0) if not labels.all() else none("ONE_CLASS"),
        "auc": metrics.roc_auc_score(labels, scores) if both else none("ONE_CLASS"),
        "average_precision": metrics.average_precision_score(labels, scores) if some else none("ONE_CLASS"),
        "ece": sum(abs((labels - scores)[bins == k].sum()) for k in range(10)) / len(labels),
        "base_rate": labels.mean(),
        "base_rate_log_loss": metrics.log_loss(labels, np.full(len(labels), clip(labels.mean())), labels=[0, 1]),
    }
    for beta in (1, 2, .5):
        want[f"f_beta@{beta}"] = metrics.fbeta_score(labels, predicted, beta=beta) if some or flagged else none("NO_PREDICTED_POSITIVES")
    add("binary", case, {"labels": labels, "scores": scores}, want, {"threshold": threshold})
    a, b = scores[labels == 1], scores[labels == 0]
    if len(a) > 1 and len(b) > 1:
        psi = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
        error = np.sqrt(psi.mean(1).var(ddof=1) / len(a) + psi.mean(0).var(ddof=1) / len(b))
        out.add("binaryMetrics", case, {"labels": labels, "scores": scores}, {"auc": want["auc"], "aucError": error, "logLoss": want["log_loss"], "rows": len(labels)}, f"{SK}; DeLong's double sum", 1e-10)


y = rng.integers(0, 2, 200)
spread = np.clip(0.3 * y + rng.uniform(0, 0.7, 200), 0, 1)
binary("ordinary", y, spread)
binary("a high threshold", y, spread, .8)
binary("ties", y, np.round(spread, 1))
binary("constant score", y, np.full(200, 0.25))
binary("certain and wrong", [1, 0, 1, 0], [0, 1, 1, 0])
binary("positives only", [1, 1, 1], [0.2, 0.9, 0.5])
binary("negatives only", [0, 0, 0], [0.2, 0.4, 0.1])
binary("two rows", [0, 1], [0.4, 0.6])
binary("one row", [1], [0.6])
rare = (rng.random(3000) < .01).astype(int)
binary("rare positives, large", rare, np.round(np.clip(rng.normal(.2 + .2 * rare, .15), 0, 1), 3))
binary("extreme scores", y, np.where(y == 1, 1 - 10.0 ** -rng.uniform(1, 16, 200), 10.0 ** -rng.uniform(1, 300, 200)))
binary("edges of bins", [1, 0, 1, 0, 1, 0], [.5, .5625, .75, .25, 1, .9375])
add("binary", "no rows", {"labels": [], "scores": []}, {m: none("EMPTY_SAMPLE") for m in ("log_loss", "brier", "accuracy", "precision", "recall", "specificity", "f_beta", "auc", "average_precision", "ece", "base_rate", "base_rate_log_loss")}, authority="no rows have no metric")


def multiclass(case, labels, scores):
    labels, k = np.asarray(labels), scores.shape[1]
    predicted = scores.argmax(1)
    want = {"log_loss": metrics.log_loss(labels, np.clip(scores, 1e-6, 1 - 1e-6), labels=range(k)) if case != "certain and wrong" else -np.log(1e-6) * (predicted != labels).mean() - np.log(1 - 1e-6) * (predicted == labels).mean(),
            "brier": ((scores - np.eye(k)[labels]) ** 2).sum(1).mean(), "accuracy": metrics.accuracy_score(labels, predicted)}
    if case != "certain and wrong":
        # scikit-learn scales clipped rows to 1 again; the plain mean of logarithms does not.
        want["log_loss"] = -np.log(clip(scores[np.arange(len(labels)), labels])).mean()
    for average in ("macro", "weighted"):
        want[f"precision_{average}"] = metrics.precision_score(labels, predicted, average=average, zero_division=0)
        want[f"recall_{average}"] = metrics.recall_score(labels, predicted, average=average, zero_division=0)
        for beta in (1, 2):
            want[f"f_beta_{average}@{beta}"] = metrics.fbeta_score(labels, predicted, beta=beta, average=average, zero_division=0)
        whole = len(set(labels)) == k
        want[f"auc_ovr_{average}"] = none("ONE_CLASS") if not whole else np.average([metrics.roc_auc_score(labels == c, scores[:, c]) for c in range(k)], weights=None if average == "macro" else np.bincount(labels, minlength=k))
        if whole and k > 2:
            assert abs(want[f"auc_ovr_{average}"] - metrics.roc_auc_score(labels, scores, multi_class="ovr", average=average)) < 1e-12
    want["f_beta_micro"] = metrics.f1_score(labels, predicted, average="micro", zero_division=0)
    add("multiclass", case, {"labels": labels, "scores": scores.ravel()}, want, {"classes": k})
    if case == "ordinary":
        assert abs(want["log_loss"] - metrics.log_loss(labels, scores)) < 1e-12


s = rng.dirichlet([1, 1, 1], 150)
multiclass("ordinary", np.array([rng.choice(3, p=row) for row in s]), s)
s = rng.dirichlet(np.full(6, .3), 500)
multiclass("large, six classes", np.array([rng.choice(6, p=row) for row in s]), s)
s = rng.integers(1, 4, (90, 3)).astype(float)
multiclass("ties", rng.integers(0, 3, 90), s / s.sum(1, keepdims=True))
multiclass("a class without rows", np.array([0, 1, 1, 0]), rng.dirichlet([1, 1, 1], 4))
multiclass("a class never predicted", np.array([0, 1, 2, 2]), np.array([[.8, .1, .1], [.2, .5, .3], [.6, .2, .2], [.1, .7, .2]]))
multiclass("certain and wrong", np.array([0, 1, 2]), np.eye(3)[[1, 1, 0]])
multiclass("two classes", np.array([0, 1, 1]), np.array([[.6, .4], [.3, .7], [.9, .1]]))
add("multiclass", "no rows", {"labels": [], "scores": []}, {m: none("EMPTY_SAMPLE") for m in ("log_loss", "brier", "accuracy", "f_beta_macro", "f_beta_micro", "auc_ovr_macro")}, {"classes": 3}, "no rows have no metric")


def regression(case, labels, scores, options=None, tolerance=1e-10):
    labels, scores = np.asarray(labels, float), np.asarray(scores, float)
    e = np.abs(scores - labels)
    want = {
        "mae": metrics.mean_absolute_error(labels, scores), "mse": metrics.mean_squared_error(labels, scores), "rmse": metrics.root_mean_squared_error(labels, scores), "bias": (scores - labels).mean(),
        "mape": metrics.mean_absolute_percentage_error(labels, scores),
        "r2": metrics.r2_score(labels, scores) if len(labels) > 1 and labels.std() > 0 else none("TOO_FEW_VALUES" if len(labels) < 2 else "NO_VARIANCE"),
        "label_deviation": labels.std(),
        "huber": np.where(e <= 1.5, e * e / 2, 1.5 * (e - .75)).mean(), "clipped_mae": np.minimum(e, 2).mean(),
        **{f"pinball@{q}": metrics.mean_pinball_loss(labels, scores, alpha=q) for q in (.5, .9, .05)},
    }
    add("regression", case, {"labels": labels, "scores": scores}, want, {"zeros": "epsilon", "delta": 1.5, "cap": 2}, tolerance=tolerance)


y = rng.normal(5, 3, 120)
regression("ordinary", y, y + rng.normal(0, 1.5, 120))
regression("far offset", 1e8 + y, 1e8 + y + rng.normal(0, 1.5, 120), tolerance=1e-9)
regression("ties", np.round(y), np.round(y + 1))
regression("exact", y, y)
regression("one row", [3.], [5.])
regression("two rows", [3., 4], [5., 1])
regression("constant labels", [2., 2, 2], [1., 2, 5])
regression("labels of zero", [0., 1, 2, 0], [1., 1, 1, 0])
regression("large", np.round(rng.lognormal(0, 2, 2000), 5), np.round(rng.lognormal(0, 2, 2000), 5))
regression("extreme", [1e100, -1e100, 1e-100], [2e100, 1e100, 1.])
add("regression", "labels of zero", {"labels": [0., 1, 2], "scores": [1., 1, 1]}, {"mape": none("ZERO_LABELS")}, authority="the rule")
add("regression", "labels of zero are skipped", {"labels": [0., 1, 2], "scores": [1., 1, 1]}, {"mape": metrics.mean_absolute_percentage_error([1, 2], [1, 1])}, {"zeros": "skip"})
add("regression", "only zeros", {"labels": [0., 0], "scores": [1., 1]}, {"mape": none("ZERO_LABELS")}, {"zeros": "skip"}, "the rule")
add("regression", "beyond reach", {"labels": [1e200, 1], "scores": [1., 1]}, {m: none("OUT_OF_REACH") for m in ("mae", "mse", "r2", "mape", "pinball")}, authority="no square beyond 1e140")
add("regression", "no rows", {"labels": [], "scores": []}, {m: none("EMPTY_SAMPLE") for m in ("mae", "mse", "rmse", "bias", "mape", "r2", "pinball")}, authority="no rows have no metric")


def ranking(case, queries, **options):
    rows = {"labels": [r for rel, _ in queries for r in rel], "scores": [x for _, sc in queries for x in sc], "queries": [q for q, (rel, _) in enumerate(queries) for _ in rel]}
    gain = (lambda r: np.asarray(r, float)) if options.get("gain", "linear") == "linear" else (lambda r: 2. ** np.asarray(r) - 1)
    judged = [(rel, sc) for rel, sc in queries if any(rel)]
    want = np.mean([metrics.ndcg_score([gain(rel)], [sc], k=options.get("cutoff")) for rel, sc in judged]) if judged else None
    add("ranking", case, rows, {"ndcg": none("NO_RELEVANT") if want is None else want}, options)


some = [(rng.integers(0, 4, n).tolist(), rng.normal(size=n).tolist()) for n in (10, 5, 30, 2)]
ranking("ordinary", some)
ranking("first 3", some, cutoff=3)
ranking("first 100", some, cutoff=100)
ranking("exponential gain", some, gain="exponential", cutoff=5)
ranking("ties", [(rel, np.round(sc).tolist()) for rel, sc in some], cutoff=4)
ranking("all tied", [([3, 0, 1, 2], [1., 1, 1, 1])], cutoff=2)
ranking("a query without relevant rows", [*some, ([0, 0, 0], [1., 2, 3])])
ranking("nothing relevant", [([0, 0], [1., 2])])
ranking("large", [(rng.integers(0, 2, 100).tolist(), np.round(rng.normal(size=100), 1).tolist()) for _ in range(40)], cutoff=10)
add("ranking", "no rows", {"labels": [], "scores": [], "queries": []}, {"ndcg": none("EMPTY_SAMPLE")}, authority="no rows have no metric")


# Slices: every conjunction of at most `level` conditions.
def slices(case, columns, errors, alpha=.6, level=3, support=10, top=10):
    names, n, mean = sorted(columns), len(errors), errors.mean()
    found = []
    for size in range(1, level + 1):
        for chosen in itertools.combinations(names, size):
            for values in itertools.product(*(sorted(set(columns[c])) for c in chosen)):
                mask = np.logical_and.reduce([columns[c] == v for c, v in zip(chosen, values)])
                if mask.sum() >= support:
                    score = alpha * (errors[mask].mean() / mean - 1) - (1 - alpha) * (n / mask.sum() - 1)
                    if score > 0:
                        found.append((-score, [[c, str(v)] for c, v in zip(chosen, values)], int(mask.sum()), float(errors[mask].mean())))
    found.sort(key=lambda f: f[0])
    scores = [f[0] for f in found[:top + 1]]
    assert len(set(np.round(scores, 12))) == len(scores), "tied scores have no order of their own"
    want = [{"conditions": [{"column": c, "value": v} for c, v in f[1]], "rows": f[2], "meanError": f[3], "score": -f[0]} for f in found[:top]]
    out.add("findSlices", case, {"columns": {c: columns[c].tolist() for c in names}, "errors": errors, "options": {"alpha": alpha, "maxLevel": level, "minSupport": support, "top": top}}, {"slices": want}, "brute force over all conjunctions", 1e-9)


for case, n, sizes, options in (
    ("planted at level 2", 2000, (3, 4, 2, 5), {}), ("planted, level 1 only", 800, (3, 4, 2), {"level": 1}), ("level 2", 1500, (6, 5, 4), {"level": 2, "alpha": .9}),
    ("error alone", 700, (3, 3, 3), {"alpha": .99, "top": 20}), ("many columns", 900, (2, 3, 2, 3, 2, 3), {"alpha": .95, "top": 15}), ("no support", 60, (5, 5), {"support": 40}),
):
    columns = {f"c{k}": np.array([f"v{v}" for v in rng.integers(0, m, n)]) for k, m in enumerate(sizes)}
    errors = np.round(rng.exponential(.2, n) + 1.5 * (columns["c0"] == "v1") * (columns["c1"] == "v2") * rng.random(n), 6)
    slices(case, columns, errors, **options)
out.write()
