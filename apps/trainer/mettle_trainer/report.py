"""Progress and failures as JSON lines on stdout: what the runner reads. Everything else belongs on stderr."""

import json
import sys

from .failure import Failure


def report_progress(progress: float, message: str) -> None:
    """``progress`` is in [0, 1]. A line also says that the trainer is alive."""
    _line({"progress": round(progress, 4), "message": message})


def report_failure(failure: Failure) -> None:
    _line({"error": failure.code, "message": str(failure)})
    print(f"{failure.code}: {failure}", file=sys.stderr)


def _line(record: dict) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()
