"""Golden values for libs/evaluation from scikit-learn; DeLong's error from the definition, without midranks.

Run with a Python that has numpy and scikit-learn:  python tools/goldens/evaluation.py
"""
import json
import pathlib
import sys

import numpy as np
import sklearn
from sklearn import metrics

OUT = pathlib.Path(__file__).resolve().parents[2] / "libs/evaluation/goldens/evaluation.json"
rng = np.random.default_rng(7)


def case(name, labels, scores):
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=float)
    clipped = np.clip(scores, 1e-6, 1 - 1e-6)
    out = {
        "name": name,
        "labels": labels.tolist(),
        "scores": scores.tolist(),
        "log_loss": metrics.log_loss(labels, clipped, labels=[0, 1]),
        "brier": metrics.brier_score_loss(labels, scores, labels=[0, 1], pos_label=1),
        "accuracy": metrics.accuracy_score(labels, scores >= 0.5),
        "base_rate_log_loss": metrics.log_loss(labels, np.full(len(labels), np.clip(labels.mean(), 1e-6, 1 - 1e-6)), labels=[0, 1]),
        "auc": None,
        "auc_error": None,
    }
    a, b = scores[labels == 1], scores[labels == 0]
    if len(a) and len(b):
        out["auc"] = metrics.roc_auc_score(labels, scores)
        psi = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
        if len(a) > 1 and len(b) > 1:
            out["auc_error"] = float(np.sqrt(psi.mean(1).var(ddof=1) / len(a) + psi.mean(0).var(ddof=1) / len(b)))
    return {k: (float(v) if isinstance(v, (float, np.floating)) else v) for k, v in out.items()}


y = rng.integers(0, 2, 200)
cases = [
    case("ordinary", y, np.clip(0.3 * y + rng.uniform(0, 0.7, 200), 0, 1)),
    case("ties", y, np.round(np.clip(0.3 * y + rng.uniform(0, 0.7, 200), 0, 1), 1)),
    case("constant score", y, np.full(200, 0.25)),
    case("certain and wrong", [1, 0, 1, 0], [0, 1, 1, 0]),
    case("one class", [1, 1, 1], [0.2, 0.9, 0.5]),
    case("two rows", [0, 1], [0.4, 0.6]),
]
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({"versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scikit-learn": sklearn.__version__}, "cases": cases}, indent=1) + "\n")
print(OUT)
