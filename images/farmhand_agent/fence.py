"""What a job may use of the machine, where the kernel lets us bound it: processes and memory, with room for the agent,
and no more of the processors than the agent gets, into however many processes and sessions it splits.

All orders run below one control group, which a daemon of containers may use as its parent, too: then containers
are held by the same bounds, and end with their order. The image says where the control groups are, for a host that
has several machines must not be taken for one. Without that, cgroup2 or root there is no fence.
"""

import contextlib
import os

from farmhand_agent.meter import counter

JOBS = "jobs"
DEBUG = "debug"  # processes of debug access
ROOM = 64  # MiB at least that jobs leave to kernel, agent and daemons; 1/32 of the memory where that is more
MIN_PROCESSES, MAX_PROCESSES = 1024, 32768  # processes and threads; between them one for each MiB of memory
OOM_SCORE = -900  # the kernel kills us last when memory runs out
ENTER = '[ -z "$1" ] || echo 0 >"$1/cgroup.procs"; echo 0 >/proc/self/oom_score_adj; shift; exec "$@"'


def root():
    """Where the machine's control groups are; "" where it is not ours alone."""
    return os.environ.get("FARMHAND_FENCE", "")


def lower_oom_score():
    """Ask the kernel to spare this process; only root may."""
    if root():
        with contextlib.suppress(OSError):
            write("/proc/self/oom_score_adj", OOM_SCORE)


def debug_processes():
    """Process ids of debug access: they belong to no order."""
    found = set()
    if root():
        with contextlib.suppress(OSError), open(os.path.join(root(), DEBUG, "cgroup.procs")) as file:
            found.update(map(int, file))
    return found


class Fence:
    """The group of one order; `path` is "" where there is none."""

    def __init__(self, name, memory):
        self.limit = min(max(MIN_PROCESSES, memory), MAX_PROCESSES)
        self.path = ""
        if groups := root():
            with contextlib.suppress(OSError):
                self.path = self.build(os.path.join(groups, JOBS), name, memory - max(ROOM, memory // 32))

    def build(self, jobs, name, memory):
        bounds = {"memory.max": memory << 20, "pids.max": self.limit}
        control = os.path.join(os.path.dirname(jobs), "cgroup.subtree_control")
        write(control, "+memory +pids")
        with contextlib.suppress(OSError):  # a kernel without it shares processors by session
            write(control, "+cpu")
        group(jobs, bounds)
        write(os.path.join(jobs, "cgroup.subtree_control"), "+memory +pids")
        # The kernel counts a refused fork where it was asked for, so each order has the bound as well.
        return group(os.path.join(jobs, name), bounds)

    def command(self, words):
        """The same program, inside the group and without our OOM score: a shell does both, then becomes it."""
        return ["/bin/sh", "-c", ENTER, "sh", self.path, *words] if root() else words

    def refused(self):
        """How many processes or threads were refused."""
        return counter(os.path.join(self.path, "pids.events"), "max") if self.path else 0

    def end(self):
        """Kill whatever is left of the order, its containers as well."""
        if self.path:
            with contextlib.suppress(OSError):
                write(os.path.join(os.path.dirname(self.path), "cgroup.kill"), 1)

    def remove(self):
        """The group is gone once nobody is left in it."""
        if self.path:
            with contextlib.suppress(OSError):
                os.rmdir(self.path)


def group(path, bounds):
    """Make it, or take it as it is, and bound it. Raises OSError where the kernel has no such bounds."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)
    for name, value in bounds.items():
        write(os.path.join(path, name), value)
    return path


def write(path, value):
    """To a file of the kernel, which must be there."""
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, str(value).encode())
    finally:
        os.close(file)
