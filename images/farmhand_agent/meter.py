"""How busy and how full this machine is; all figures are the kernel's."""

import math
import os

OOM_COUNTERS = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")  # the whole machine, our control group
FULL = 1024 * 1024  # a file system with less than this free, in bytes, is full


class Meter:
    """How busy and how full this machine is; all figures are the kernel's."""

    def __init__(self, folder):
        self.folder = folder
        self.ticks = self.read_ticks()
        self.least_free = math.inf

    def read(self):
        """The figures of one heartbeat: shares since the last one, MiB, GiB."""
        cpu, steal = self.shares()
        total, available = memory_mib()
        disk = self.disk()
        return {
            "cpu": cpu,
            "steal": steal,
            "memory": total - available,
            "memory_total": total,
            "disk": gib(disk, disk.f_blocks - disk.f_bfree),
            "disk_total": gib(disk, disk.f_blocks),
            "load": round(os.getloadavg()[0], 2),
        }

    def shares(self):
        before, self.ticks = self.ticks, self.read_ticks()
        passed = [now - then for now, then in zip(self.ticks, before, strict=True)]
        total = sum(passed) or 1
        _user, _nice, _system, idle, waiting, _irq, _softirq, steal = passed
        return round(1 - (idle + waiting + steal) / total, 4), round(steal / total, 4)

    @staticmethod
    def read_ticks():
        with open("/proc/stat") as stat:
            return [int(ticks) for ticks in stat.readline().split()[1:9]]

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


def memory_mib():
    """(total, available)"""
    with open("/proc/meminfo") as file:
        sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in file if line.startswith("Mem")}
    return sizes["MemTotal"], sizes["MemAvailable"]


def gib(disk, blocks):
    return round(blocks * disk.f_frsize / 2**30, 3)


def oom_kills():
    """How often the kernel has ended a process for want of memory."""
    return sum(counter(path, "oom_kill") for path in OOM_COUNTERS)


def counter(path, name):
    """One line's number in a file of the kernel; 0 where there is no such file."""
    try:
        with open(path) as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(f"{name} "))
    except FileNotFoundError:
        return 0


def uptime():
    with open("/proc/uptime") as file:
        return float(file.read().split()[0])
