"""Schemas that Gitea, Forgejo and GitHub share, as far as we read them, and their conversion to our facts."""

import re
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from tfci.forges.decoding import PART, Malformed, Number
from tfci.forges.facts import StepSeen
from tfci.forges.texts import LONG

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

REPOSITORY = re.compile(f"{PART}/{PART}")


class Login(msgspec.Struct):
    """A user."""

    login: str


class ShortToken(msgspec.Struct):
    """One that registers runners."""

    token: str


class HookConfig(msgspec.Struct):
    url: str = ""


class Hook(msgspec.Struct):
    id: Number
    config: HookConfig


class ActionsStep(msgspec.Struct):
    name: str = ""
    started_at: Moment | None = None
    completed_at: Moment | None = None


class RunnerLabel(msgspec.Struct):
    name: str


def repository_of(job_id: int, name: str) -> str:
    """The name, if it is one. Raises Malformed."""
    if not REPOSITORY.fullmatch(name) or len(name) > LONG:
        raise Malformed(f"Job {job_id} does not say which repository it is of.")
    return name


def steps_seen(steps: list[ActionsStep] | None) -> tuple[StepSeen, ...]:
    return tuple(StepSeen(step.name, time(step.started_at), time(step.completed_at)) for step in steps or ())


def workflow_of(path: str) -> str:
    """ "ci.yml" of ".github/workflows/ci.yml@refs/heads/main"."""
    return path.partition("@")[0].rpartition("/")[2]


def time(moment: datetime | None) -> datetime | None:
    """In UTC; None where it is unset, which Gitea writes as 1970 (or the year 1)."""
    if moment is None or not 1970 < moment.year < 9999:
        return None
    return moment.astimezone(UTC)
