"""What a team's spending limits count, and what alerts are about. Pure."""

from enum import StrEnum


class LimitScope(StrEnum):
    """Whose spending."""

    TEAM = "team"
    POOL = "pool"
    REPOSITORY = "repository"


class LimitPeriod(StrEnum):
    """Over which time: all of a day or month, or one job however long it runs."""

    DAY = "day"
    MONTH = "month"
    JOB = "job"


class AlertKind(StrEnum):
    DAYS_LEFT = "days_left"  # of the balance, at the forecast's rate
    LIMIT = "limit"  # percent of it
    JOB_LIMIT = "job_limit"  # a job is over a limit per job
