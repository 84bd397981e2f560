"""The training, top to bottom."""

import json
import os

from .fit import fit
from .metrics import metrics_of
from .report import report_progress
from .spec import read_spec
from .table import read_table


def run(spec_path: str) -> None:
    """Writes model.onnx, fitted.json and metrics.json into the spec's folder; the model last, when all else is good."""
    spec = read_spec(spec_path)
    report_progress(0.0, "reading the snapshot")
    table = read_table(spec)
    report_progress(0.1, f"training on {len(table.training.y)} rows, {len(table.holdout.y)} held out")
    booster, predicted = fit(spec, table.training)
    held_out = booster.predict(table.holdout.x, num_threads=spec.threads) if len(table.holdout.y) else table.holdout.y
    metrics = {
        "training": metrics_of(spec.task, table.training.y, predicted),
        "holdout": metrics_of(spec.task, table.holdout.y, held_out),
    }
    report_progress(0.9, "writing the model")
    from .onnx_file import to_onnx  # what only the conversion needs

    model = to_onnx(booster, spec.task, len(spec.features))
    _write(spec.out, "fitted.json", json.dumps({"v": 1, "vocabularies": table.vocabularies}).encode())
    _write(spec.out, "metrics.json", json.dumps(metrics, allow_nan=False).encode())
    _write(spec.out, "model.onnx", model)
    report_progress(1.0, "done")


def _write(folder: str, name: str, content: bytes) -> None:
    path = os.path.join(folder, name)
    with open(path + ".part", "wb") as file:
        file.write(content)
    os.replace(path + ".part", path)
