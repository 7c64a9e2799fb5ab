"""What the product and its pages may know of a kind of forge, by concern: nobody asks for its name.

What a kind can do is no field here: it is what its client implements of ports/ (`Kind.does`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tfci.forges import versions
from tfci.forges.facts import Act, Heard
from tfci.forges.models import Connection
from tfci.forges.ports.forge import CancelsRuns, Forge, Memory, RerunsJobs, WebhookReader, WorkflowSyntax

Clock = Callable[[], float]  # seconds, as time.time counts them
ACTIONS: Mapping[Act, type] = {"rerun": RerunsJobs, "cancel": CancelsRuns}


class PollingPace(NamedTuple):
    """How often a kind of forge is asked at most, while something stirs."""

    often: timedelta = timedelta(seconds=0.2)  # between two questions for all that waits
    settled: timedelta = timedelta(seconds=5)  # until a job that the list lacks is asked for by itself
    running: timedelta = timedelta(seconds=15)  # between two readings of one that runs
    quiet: timedelta = timedelta(seconds=30)  # between two questions while nothing stirs
    telling: timedelta = timedelta(seconds=2)  # from an engine's end until its job is asked for by itself
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


def _forget(memory: Memory, deliveries: Iterable[tuple[Heard, datetime]]) -> None:
    """Its client needs nothing of what webhooks told."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Of a kind that sends some."""

    reader: WebhookReader
    remember: Callable[[Memory, Iterable[tuple[Heard, datetime]]], None] = _forget


def _never(version: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class JobRules:
    """How it counts attempts, runs jobs again and gives them to runners."""

    actions_since: Mapping[Act, tuple[int, ...]] = field(
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
    code_host: bool = True  # whether repositories are there, be they open to us or not
    options: Callable[[Connection, Clock], Mapping[str, Any]] = _no_options  # what its client needs besides

    def actions(self, version: str) -> frozenset[Act]:
        """What one of that version does for a token."""
        done = [act for act, protocol in ACTIONS.items() if self.does(protocol)]
        since = self.jobs.actions_since
        return frozenset(act for act in done if versions.numbers(version) >= since.get(act, ()))

    def does(self, protocol: type) -> bool:
        """Whether its client implements one of the protocols of ports/."""
        return isinstance(self.client, type) and issubclass(self.client, protocol)
