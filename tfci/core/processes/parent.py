"""A process that another one started, and its end with that one."""

import ctypes
import multiprocessing
import os
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """Has the kernel end this process when its parent dies, however that dies; does nothing in one that
    multiprocessing did not start. Granian's own parent ends its workers only when it has the time to.

    Raises OSError where the kernel refuses, and SystemExit when the parent is dead already."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent.pid:
        raise SystemExit(1)
