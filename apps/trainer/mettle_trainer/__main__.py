"""``python -m mettle_trainer <spec.json>``: one training, then exit. See README.md for the contract."""

import os
import sys

# Threads that wait for each other sleep. Spinning costs a busy machine up to seven times the training (measured), and
# OpenMP reads this once, when LightGBM is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from .failure import Failure
from .parent import end_with_parent
from .report import report_failure


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m mettle_trainer <spec.json>", file=sys.stderr)
        return 2
    end_with_parent()
    try:
        from .run import run  # after the watch on the parent: this import takes most of the start

        run(sys.argv[1])
        return 0
    except Failure as failure:
        report_failure(failure)
        return failure.exit_code


if __name__ == "__main__":
    sys.exit(main())
