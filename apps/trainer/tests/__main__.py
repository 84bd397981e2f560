"""Runs every test and leaves the counts in test-results/unit.json, as the other projects do."""

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def main() -> int:
    suite = unittest.defaultTestLoader.discover(HERE, top_level_dir=ROOT)
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    counts = {
        "numTotalTests": result.testsRun,
        "numPassedTests": result.testsRun - failed - len(result.skipped),
        "numFailedTests": failed,
        "numPendingTests": len(result.skipped),
        "success": failed == 0,
    }
    os.makedirs(os.path.join(ROOT, "test-results"), exist_ok=True)
    with open(os.path.join(ROOT, "test-results", "unit.json"), "w", encoding="utf-8") as file:
        json.dump(counts, file)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
