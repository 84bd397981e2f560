"""``python -m tests.predictions <folder>``: a snapshot, and LightGBM's own predictions of its rows.

Writes spec.json, x.bin (float32 rows) and p.bin (float64) for a comparison with the file in another runtime.
"""

import contextlib
import io
import os
import sys

import numpy as np

from mettle_trainer.fit import fit
from mettle_trainer.spec import read_spec
from mettle_trainer.table import read_table
from tests.snapshot import write_snapshot


def main(folder: str) -> None:
    spec = read_spec(write_snapshot(folder))
    table = read_table(spec)
    with contextlib.redirect_stdout(io.StringIO()):
        booster, _ = fit(spec, table.training)
    x = np.concatenate([table.training.x, table.holdout.x])
    x.tofile(os.path.join(folder, "x.bin"))
    booster.predict(x).tofile(os.path.join(folder, "p.bin"))


if __name__ == "__main__":
    main(sys.argv[1])
