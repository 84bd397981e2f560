"""Which LightGBM parameters a user may set. A closed list: none of them opens a file or breaks determinism."""

from typing import Any

from .failure import Failure
from .spec import Spec

OBJECTIVES = {
    "binary": ("binary",),
    "multiclass": ("multiclass",),
    "regression": ("regression", "regression_l1", "huber", "quantile"),
}
NUMBERS = frozenset(
    """num_iterations learning_rate num_leaves max_depth min_data_in_leaf min_sum_hessian_in_leaf
    bagging_fraction bagging_freq feature_fraction feature_fraction_bynode lambda_l1 lambda_l2 min_gain_to_split
    max_bin min_data_in_bin max_cat_threshold max_cat_to_onehot cat_l2 cat_smooth min_data_per_group
    scale_pos_weight path_smooth alpha""".split()
)
CATEGORIES = ("native", "ordinal")
DEFAULT_TREES = 100
MAX_TREES = 10_000


def lightgbm_parameters(spec: Spec) -> tuple[dict[str, Any], int, str]:
    """LightGBM's parameters, the number of trees, and how categories enter (``native`` or ``ordinal``).

    Raises Failure INVALID_INPUT for a parameter that is unknown or has a wrong type.
    """
    given = dict(spec.parameters)
    objective = given.pop("objective", OBJECTIVES[spec.task][0])
    if objective not in OBJECTIVES[spec.task]:
        raise Failure("INVALID_INPUT", f"objective {objective!r} does not fit the task {spec.task}")
    categories = given.pop("categories", "ordinal")
    if categories not in CATEGORIES:
        raise Failure("INVALID_INPUT", f"categories is one of {', '.join(CATEGORIES)}, not {categories!r}")
    for name, value in given.items():
        if name not in NUMBERS:
            raise Failure("INVALID_INPUT", f"unknown parameter {name!r}")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Failure("INVALID_INPUT", f"parameter {name} is a number, not {value!r}")
    trees = given.pop("num_iterations", DEFAULT_TREES)
    if not isinstance(trees, int) or not 1 <= trees <= MAX_TREES:
        raise Failure("INVALID_INPUT", f"num_iterations is an integer from 1 to {MAX_TREES}, not {trees!r}")
    fixed = {
        "objective": objective,
        "metric": "None",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": max(1, spec.threads),
        "seed": spec.seed,
        "verbosity": -1,
    }
    if spec.classes is not None and spec.task == "multiclass":
        fixed["num_class"] = spec.classes
    return {**given, **fixed}, trees, categories
