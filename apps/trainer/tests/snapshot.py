"""A small snapshot on disk with every feature type, nulls and an unseen category in the holdout."""

import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HOLDOUT_FROM = 1_000_000
FEATURES = [
    {"name": "carrier", "type": "string", "category": True},
    {"name": "dest", "type": "string", "category": True},
    {"name": "delay", "type": "float64", "category": False},
    {"name": "seats", "type": "int64", "category": False},
    {"name": "night", "type": "bool", "category": False},
    {"name": "noise", "type": "float64", "category": False},
]


def write_snapshot(folder: str, rows: int = 3000, nulls: bool = True, **spec) -> str:
    """Writes two partitions, the labels and spec.json into ``folder``; returns the spec's path."""
    rng = np.random.default_rng(7)
    at = np.sort(rng.integers(0, int(HOLDOUT_FROM * 1.25), rows))
    carrier = rng.integers(0, 8, rows)
    dest = rng.integers(0, 60, rows)
    delay = np.round(rng.normal(5, 20, rows), 3)
    night = rng.random(rows) < 0.3
    score = 0.05 * delay + 0.8 * np.isin(carrier, (1, 4, 6)) + 0.6 * np.isin(dest % 7, (2, 5)) - night - 0.5
    label = (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(float)

    def holes(values, share: float = 0.05):
        gone = rng.random(rows) < (share if nulls else 0)
        return [None if g else v for g, v in zip(gone, values)]

    names = [f"c{c}" if a < HOLDOUT_FROM or c else "only-later" for c, a in zip(carrier, at)]
    table = pa.table(
        {
            "prediction_id": [f"p{i}" for i in range(rows)],
            "at": pa.array(at, pa.int64()),
            "f_carrier": pa.array(holes(names), pa.string()),
            "f_dest": pa.array(holes([f"d{d}" for d in dest]), pa.string()),
            "f_delay": pa.array(holes(delay.tolist()), pa.float64()),
            "f_seats": pa.array(holes((50 + dest).tolist()), pa.int64()),
            "f_night": pa.array(holes(night.tolist()), pa.bool_()),
            "f_noise": pa.array(rng.random(rows), pa.float64()),
        }
    )
    cut = rows // 3
    paths = [os.path.join(folder, name) for name in ("a.parquet", "b.parquet", "labels.parquet")]
    pq.write_table(table.slice(0, cut), paths[0])
    pq.write_table(table.slice(cut), paths[1])
    labels = spec.pop("label", holes(label.tolist(), 0.03))
    pq.write_table(pa.table({"prediction_id": table["prediction_id"], "label": pa.array(labels, pa.float64())}), paths[2])
    out = os.path.join(folder, "out")
    os.makedirs(out, exist_ok=True)
    whole = {
        "v": 1,
        "out": out,
        "partitions": paths[:2],
        "labels": paths[2],
        "features": FEATURES,
        "parameters": {"num_iterations": 60, "learning_rate": 0.1},
        "seed": 11,
        "task": "binary",
        "classes": None,
        "holdoutFrom": HOLDOUT_FROM,
        "threads": 2,
        **spec,
    }
    path = os.path.join(folder, "spec.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(whole, file)
    return path
