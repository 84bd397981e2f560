"""The trainer never outlives the process that started it, however that one ends."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.5


def end_with_parent() -> None:
    """Asks the kernel for SIGKILL at the parent's death (Linux), and polls for it everywhere.

    METTLE_PARENT_PID names the parent, so that one which died before this line is noticed too.
    """
    expected = int(os.environ.get("METTLE_PARENT_PID") or os.getppid())
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != expected:
        os._exit(1)
    threading.Thread(target=_watch, args=(expected,), daemon=True, name="parent-watch").start()


def _watch(expected: int) -> None:
    while os.getppid() == expected:
        time.sleep(POLL_SECONDS)
    os._exit(1)
