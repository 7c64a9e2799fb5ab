"""What the paid time of a VM is used for, as the ledger writes it. Pure."""

from enum import StrEnum


class Use(StrEnum):
    """`SHARED` ones serve all jobs of a VM: they are divided among them (runners/metering/cost_shares.py)."""

    JOB = "job"
    BOOT = "boot"
    IDLE = "idle"
    TEARDOWN = "teardown"
    REFRESH = "refresh"
    DEBUG = "debug"
    SERVER = "server"


SHARED = (Use.BOOT, Use.IDLE, Use.REFRESH, Use.TEARDOWN)
