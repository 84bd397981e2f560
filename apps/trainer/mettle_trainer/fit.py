"""LightGBM, deterministic: the same rows, parameters, seed and threads give the same trees."""

import lightgbm as lgb
import numpy as np

from .parameters import lightgbm_parameters
from .report import report_progress
from .spec import Spec
from .table import Rows

REPORT_EVERY_TREES = 20
#: Shares of the whole run that are spent before and after the trees; only the progress bar uses them.
TREES_FROM, TREES_TO = 0.15, 0.85


def fit(spec: Spec, rows: Rows) -> tuple[lgb.Booster, np.ndarray]:
    """The booster and its predictions of the training rows (float64)."""
    parameters, trees, categories = lightgbm_parameters(spec)
    positions = [i for i, f in enumerate(spec.features) if f.category] if categories == "native" else []
    dataset = lgb.Dataset(rows.x, label=rows.y, params=parameters, categorical_feature=positions)
    booster = lgb.Booster(parameters, dataset)
    for tree in range(1, trees + 1):
        finished = booster.update()
        if tree % REPORT_EVERY_TREES == 0:
            report_progress(TREES_FROM + (TREES_TO - TREES_FROM) * tree / trees, f"{tree} of {trees} trees")
        if finished:
            break
    return booster, _training_predictions(booster)


def _training_predictions(booster: lgb.Booster) -> np.ndarray:
    """The scores that boosting keeps anyway; predicting the rows again would cost as much as a third of the training."""
    kept: list[np.ndarray] = []

    def keep(predictions: np.ndarray, _data: lgb.Dataset) -> tuple[str, float, bool]:
        kept.append(np.array(predictions, dtype=np.float64))
        return "kept", 0.0, True

    booster.eval_train(keep)
    return kept[0]
