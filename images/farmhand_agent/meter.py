"""How busy and how full this machine is; all figures are the kernel's."""

import math
import os
import time

OOM_COUNTERS = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")  # the whole machine, our control group
# Bytes: a file system with less than this free is full. ext4 keeps up to 16 MiB for itself, and counts it as free.
FULL = 17 * 1024 * 1024
INSIDE = ("lo:", "docker", "br-", "veth")  # interfaces whose traffic stays here, or is counted at another


class Sample:
    """How loaded the machine was for `span` seconds until `at` on our steady clock.

    cpu and steal are shares of all processors, memory and disk MiB in use at its end, received and sent bytes.
    (No NamedTuple: to load `typing` takes a twentieth of an agent's start.)
    """

    def __init__(self, at, span, cpu, steal, memory, disk, received, sent):
        self.at, self.span = at, span
        self.cpu, self.steal = cpu, steal
        self.memory, self.disk = memory, disk
        self.received, self.sent = received, sent


class Meter:
    """Measures since it last measured."""

    def __init__(self, folder):
        self.folder = folder
        self.at = time.monotonic()
        self.ticks, self.traffic = read_ticks(), read_traffic()
        self.least_free = math.inf
        self.first_kills = oom_kills()

    def measure(self):
        """One Sample, of the time since the last."""
        before, self.at = self.at, time.monotonic()
        traffic, self.traffic = self.traffic, read_traffic()
        total, available = memory_mib()
        disk = self.disk()
        return Sample(
            self.at,
            self.at - before,
            *self.shares(),
            total - available,
            mib(disk, disk.f_blocks - disk.f_bfree),
            # An interface that has gone takes its count with it.
            *(max(0, new - old) for new, old in zip(self.traffic, traffic, strict=True)),
        )

    def totals(self):
        """The totals of a heartbeat: MiB, load average, OOM kills since we began."""
        disk = self.disk()
        return {
            "memory_total": memory_mib()[0],
            "disk_total": mib(disk, disk.f_blocks),
            "load": round(os.getloadavg()[0], 2),
            "oom_kills": oom_kills() - self.first_kills,
        }

    def shares(self):
        before, self.ticks = self.ticks, read_ticks()
        passed = [now - then for now, then in zip(self.ticks, before, strict=True)]
        total = sum(passed) or 1
        _user, _nice, _system, idle, waiting, _irq, _softirq, steal = passed
        return 1 - (idle + waiting + steal) / total, steal / total

    def disk(self):
        """The file system that jobs write to. The least that was free in it is remembered."""
        disk = os.statvfs(self.folder)
        free = disk.f_bfree if os.geteuid() == 0 else disk.f_bavail
        self.least_free = min(self.least_free, free * disk.f_frsize)
        return disk

    def begin(self):
        self.least_free = math.inf

    def was_full(self):
        """True when at some moment since begin() a job could not write any more."""
        self.disk()
        return self.least_free < FULL


def read_ticks():
    with open("/proc/stat") as stat:
        return [int(ticks) for ticks in stat.readline().split()[1:9]]


def read_traffic():
    """(received, sent): bytes over all interfaces that lead out, since they came up."""
    with open("/proc/net/dev") as dev:
        lines = [line.partition(":")[2].split() for line in dev if leads_out(line)]
    return sum(int(line[0]) for line in lines), sum(int(line[8]) for line in lines)


def leads_out(line):
    """Whether a line of /proc/net/dev counts what came into the machine and left it."""
    return ":" in line and not line.lstrip().startswith(INSIDE)


def memory_mib():
    """(total, available)"""
    with open("/proc/meminfo") as file:
        sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in file if line.startswith("Mem")}
    return sizes["MemTotal"], sizes["MemAvailable"]


def mib(disk, blocks):
    return round(blocks * disk.f_frsize / 2**20)


def oom_kills():
    """How often the kernel has ended a process for want of memory."""
    return sum(counter(path, "oom_kill") for path in OOM_COUNTERS)


def counter(path, name):
    """One line's number in a file of the kernel; 0 where there is no such file."""
    try:
        with open(path) as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(f"{name} "))
    except OSError:
        return 0
