"""The spec file: what to train on, and how."""

import json
from dataclasses import dataclass
from typing import Any

from .failure import Failure

TASKS = ("binary", "multiclass", "regression")
MAX_CLASSES = 1_000
FEATURE_TYPES = ("float64", "int64", "bool", "string")


@dataclass(frozen=True)
class Feature:
    name: str
    type: str
    category: bool


@dataclass(frozen=True)
class Spec:
    out: str
    partitions: list[str]
    labels: str
    features: list[Feature]
    parameters: dict[str, Any]
    seed: int
    task: str
    classes: int | None  # of multiclass alone; numbered from 0
    holdout_from: int  # microseconds since 1970 UTC; rows with T at or after it are the holdout
    threads: int


def read_spec(path: str) -> Spec:
    """Raises Failure INVALID_INPUT when a field is missing or cannot be trained on."""
    with open(path, encoding="utf-8") as file:
        raw = json.load(file)
    try:
        if raw["v"] != 1:
            raise Failure("INVALID_INPUT", f"spec version {raw['v']} is not 1")
        features = [Feature(f["name"], f["type"], bool(f["category"])) for f in raw["features"]]
        spec = Spec(
            out=raw["out"],
            partitions=list(raw["partitions"]),
            labels=raw["labels"],
            features=features,
            parameters=dict(raw["parameters"]),
            seed=int(raw["seed"]),
            task=raw["task"],
            classes=raw.get("classes"),
            holdout_from=int(raw["holdoutFrom"]),
            threads=int(raw["threads"]),
        )
    except KeyError as missing:
        raise Failure("INVALID_INPUT", f"the spec has no field {missing}") from missing
    if spec.task not in TASKS:
        raise Failure("INVALID_INPUT", f"this trainer knows the tasks {', '.join(TASKS)}, not {spec.task}")
    if spec.task == "multiclass" and not (isinstance(spec.classes, int) and 3 <= spec.classes <= MAX_CLASSES):
        raise Failure("INVALID_INPUT", f"a multiclass spec has from 3 to {MAX_CLASSES} classes, not {spec.classes!r}")
    if not features or not spec.partitions:
        raise Failure("INVALID_INPUT", "the spec names no features or no partitions")
    for feature in features:
        if feature.type not in FEATURE_TYPES:
            raise Failure("INVALID_INPUT", f"feature {feature.name} has the unknown type {feature.type}")
        if feature.type == "string" and not feature.category:
            raise Failure("INVALID_INPUT", f"feature {feature.name} is a string: mark it as a category")
    return spec
