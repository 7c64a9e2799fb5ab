"""Our child processes, and signals to them."""

import contextlib
import os

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """Orphans of our engines become our children. It loads much, so it waits until the machine is claimed."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel will not give us the orphans of our engines")


def descendants():
    """Process ids of our children, theirs, and so on."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            children.setdefault(parent_of(name), []).append(int(name))
    found, todo = set(), list(children.get(os.getpid(), []))
    while todo:
        found.add(pid := todo.pop())
        todo += children.get(pid, [])
    return found


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return None  # it has just gone, or the kernel has no room for an answer


def send(number, pids):
    """A signal to each; who has gone, or is not ours to signal, is passed over."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
