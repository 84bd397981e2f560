"""Metrics in float64 on the trainer's own predictions. The platform recomputes them from the file and compares."""

import numpy as np

from .failure import Failure

EPSILON = 1e-15
CLIP = 1e-6  # as the platform clips


def metrics_of(task: str, y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Empty without rows. AUC is left out where only one class occurs.

    Raises Failure TRAINER_BAD_METRICS when a metric is not finite.
    """
    if len(y) == 0:
        return {}
    values = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[task](y, predicted)
    bad = [name for name, value in values.items() if not np.isfinite(value)]
    if bad:
        raise Failure("TRAINER_BAD_METRICS", f"not finite: {', '.join(bad)}")
    return values


def _binary(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    values = {
        "log_loss": float(-np.mean(np.where(y > 0.5, np.log(clipped), np.log1p(-clipped)))),
        "brier": float(np.mean((p - y) ** 2)),
    }
    positives = int(np.count_nonzero(y > 0.5))
    if 0 < positives < len(y):
        values["auc"] = _auc(y > 0.5, p, positives)
    return values


def _auc(positive: np.ndarray, p: np.ndarray, positives: int) -> float:
    """Mann-Whitney with midranks for ties."""
    order = np.argsort(p, kind="stable")
    ordered = p[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    last = np.r_[first[1:], len(p)]
    midranks = np.repeat((first + last + 1) / 2, last - first)
    rank_sum = float(np.sum(midranks[positive[order]]))
    return (rank_sum - positives * (positives + 1) / 2) / (positives * (len(p) - positives))


def _regression(y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    error = predicted - y
    mse = float(np.mean(error**2))
    return {"rmse": float(np.sqrt(mse)), "mae": float(np.mean(np.abs(error))), "mse": mse}


def _multiclass(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    """No accuracy: which of two nearly equal classes is the greater may differ in single precision."""
    classes = y.astype(np.int64)
    given = p[np.arange(len(y)), classes]
    return {
        "log_loss": float(-np.mean(np.log(np.clip(given, CLIP, 1 - CLIP)))),
        "brier": float(np.mean(np.sum(p**2, axis=1) - 2 * given + 1)),
    }
