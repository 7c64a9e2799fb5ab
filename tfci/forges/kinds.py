"""The properties of each kind of forge, by concern: code branches on these, never on its name.

What a kind can do is no field here: it is what its client implements of ports/ (`Kind.does`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tfci.forges import versions
from tfci.forges.facts import JobAction, WebhookEvent
from tfci.forges.models import Connection
from tfci.forges.ports.forge import CancelsRuns, Forge, Memory, RerunsJobs, WebhookReader, WorkflowSyntax

Clock = Callable[[], float]  # seconds, as time.time counts them
ACTIONS: Mapping[JobAction, type] = {"rerun": RerunsJobs, "cancel": CancelsRuns}


class PollingPace(NamedTuple):
    """How often a kind of forge is polled at most, while there is activity."""

    often: timedelta = timedelta(seconds=0.2)  # between two polls for waiting jobs
    settled: timedelta = timedelta(seconds=5)  # until a job that is missing in the list is read by itself
    running: timedelta = timedelta(seconds=15)  # between two readings of one that runs
    quiet: timedelta = timedelta(seconds=30)  # between two polls without activity
    after_end: timedelta = timedelta(seconds=2)  # from an engine's end until its job is read by itself
    counted: bool = False  # it counts calls, so their number is bounded and not how long they take


@dataclass(frozen=True, slots=True)
class LinkingGuide:
    """What a person needs to know to connect one."""

    scopes: Mapping[str, Sequence[str]]  # the levels that can be linked -> what a token needs for each
    token_page: str  # where one makes a token, below its address
    token_help: str  # how a token is made there
    token_lifetime: str  # until when a token is valid, in words, where none tells
    address: str = ""  # where nearly all of its kind are: what the form begins with
    runner_url_help: str = ""  # of an engine that calls another address than ours: which, in words
    app_page: str = ""  # the page of a second way to link, by its name


def _ignore(memory: Memory, deliveries: Iterable[tuple[WebhookEvent, datetime]]) -> None:
    """Its client does not need the events of webhooks."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Of a kind that sends some."""

    reader: WebhookReader
    remember: Callable[[Memory, Iterable[tuple[WebhookEvent, datetime]]], None] = _ignore


def _never(version: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class JobRules:
    """How it counts attempts, runs jobs again and gives them to runners."""

    actions_since: Mapping[JobAction, tuple[int, ...]] = field(
        default_factory=dict
    )  # versions; else from the first
    reruns_single_jobs: bool = True  # False: all of its run, as another run
    counts_pickups: Callable[[str], bool] = _never  # its version -> whether these are its attempts
    binds_runners: bool = (
        False  # each runner gets the one job it was made for; False: any that has its labels
    )
    log_while_running: bool = True  # whether it gives the log of a job that has not ended


@dataclass(frozen=True, slots=True)
class EngineRules:
    """How its engine runs jobs, and what it demands of one."""

    containers: bool = False  # whether it runs jobs in a container that a pool names
    runner_groups: bool = False  # whether an organization's runners are in groups, by name
    silence: timedelta | None = timedelta(minutes=10)  # of a runner, until its job fails; None: unknown
    minimum_versions: Mapping[str, str] = field(default_factory=dict)  # host that wants a fresh one -> oldest


def _no_options(connection: Connection, clock: Clock) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ForgeKind:
    """One kind of forge."""

    title: str
    client: Callable[..., Forge]  # the class that builds it
    guide: LinkingGuide
    jobs: JobRules
    workflows: WorkflowSyntax
    webhooks: Webhooks | None = None  # None: it sends none, and is polled
    engine: EngineRules = EngineRules()
    pace: PollingPace = PollingPace()
    code_host: bool = True  # whether it hosts repositories, open to us or not
    options: Callable[[Connection, Clock], Mapping[str, Any]] = _no_options  # what its client needs besides

    def actions(self, version: str) -> frozenset[JobAction]:
        """What one of that version does for a token."""
        done = [act for act, protocol in ACTIONS.items() if self.implements(protocol)]
        since = self.jobs.actions_since
        return frozenset(act for act in done if versions.numbers(version) >= since.get(act, ()))

    def implements(self, protocol: type) -> bool:
        """Whether its client implements one of the protocols of ports/."""
        return isinstance(self.client, type) and issubclass(self.client, protocol)
