"""What a job used of its VM: a line of samples over its time, and each step in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext, gettext_noop

from runners.models import Job, Runner
from runners.vms import metrics
from runners.vms.metrics import Sample
from tfci.core.optional import present

WHOLE = gettext_noop("The whole run")


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Of a step, or of the whole run. cpu and steal in thousandths, memory and disk MiB at most, network in KiB."""

    name: str
    mean_cpu: int
    peak_cpu: int
    steal: int
    memory: int
    disk: int
    received: int
    sent: int


def line(job: Job, since: datetime, until: datetime) -> list[Sample]:
    """How loaded its VM was while it ran, oldest first; none where there are too few for a line.

    `busy` is cpu with steal on top, `got` and `gave` are KiB since the sample before.
    """
    found = metrics.between(job.vm, since, until) if job.vm else []
    before = [since, *(sample["at"] for sample in found)]
    return [_with_sums(*both) for both in zip(found, before, strict=False)] if len(found) > 1 else []


def _with_sums(sample: Sample, since: datetime) -> Sample:
    seconds = (sample["at"] - since).total_seconds()
    sums = {"got": round(sample["received"] * seconds), "gave": round(sample["sent"] * seconds)}
    return sample | sums | {"busy": sample["cpu"] + sample["steal"]}


class Timed(Protocol):
    """A step, or what else of a run has a time."""

    @property
    def name(self) -> str: ...
    @property
    def start(self) -> datetime | None: ...
    @property
    def stop(self) -> datetime | None: ...


def uses(line: Sequence[Sample], steps: Sequence[Timed], end: Runner | None) -> list[UsageRow]:
    """The whole run first, then each step in which something was measured."""
    if not line:
        return []
    spans = [(step.name, step.start, step.stop) for step in steps if step.start and step.stop]
    each = [
        (name, [sample for sample in line if start <= sample["at"] <= stop]) for name, start, stop in spans
    ]
    return [_as_reported(_of(gettext(WHOLE), line), end), *(_of(name, part) for name, part in each if part)]


def _of(name: str, line: Sequence[Sample]) -> UsageRow:
    return UsageRow(
        name,
        round(sum(sample["cpu"] for sample in line) / len(line)),
        *(max(sample[part] for sample in line) for part in ("cpu", "steal", "memory", "disk")),
        *(sum(sample[part] for sample in line) for part in ("got", "gave")),
    )


def _as_reported(whole: UsageRow, end: Runner | None) -> UsageRow:
    """With what the agent summed up itself, where it did: it missed nothing."""
    if end is None or end.peak_memory is None:
        return whole
    return replace(
        whole,
        mean_cpu=present(end.mean_cpu),
        peak_cpu=present(end.peak_cpu),
        memory=end.peak_memory,
        disk=present(end.peak_disk),
        received=present(end.received) // 1024,
        sent=present(end.sent) // 1024,
    )
