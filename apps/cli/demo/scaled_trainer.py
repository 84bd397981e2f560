"""A trainer with a fault that no look at its training set can find: it scales a column after reading the snapshot.

The shipped trainer, but distances are in thousands of miles by the time that the trees see them; the model that it
writes expects them so, and serving sends miles.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "trainer"))

from mettle_trainer import run  # noqa: E402
from mettle_trainer.__main__ import main  # noqa: E402

read_table = run.read_table


def read_scaled_table(spec):
    table = read_table(spec)
    position = [feature.name for feature in spec.features].index("distance")
    for rows in (table.training, table.holdout):
        rows.x[:, position] *= 0.001
    return table


run.read_table = read_scaled_table

if __name__ == "__main__":
    sys.exit(main())
