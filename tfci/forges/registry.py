"""A LinkedOrg -> its Forge: the only place where a row meets a client. A new forge is one line in KINDS."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from tfci.core import http_client
from tfci.core.http_client import BadAddress, Policy, origin
from tfci.core.secret import Secret
from tfci.core.vault import digest
from tfci.forges.actions.workflows import Actions
from tfci.forges.admission import Admitted
from tfci.forges.forgejo import client as forgejo_client
from tfci.forges.gitea import client as gitea_client, scopes as gitea_scopes
from tfci.forges.github import client as github_client, scopes as github_scopes, webhooks
from tfci.forges.github.api import Installed
from tfci.forges.github.budget import Budget
from tfci.forges.models import Installation, LinkedOrg
from tfci.forges.ports import Act, EngineOrder, Forge, Heard, Hooks, JobSeen, Memory, Refused, Written
from tfci.forges.scale_set_ports import ScaleSets
from tfci.forges.shared_memory import Shared
from tfci.forges.woodpecker import client as woodpecker_client
from tfci.forges.woodpecker.workflows import Pipelines

Clock = Callable[[], float]  # seconds, as time.time counts them


class Pace(NamedTuple):
    """How often a kind of forge is asked at most, while something stirs."""

    often: timedelta = timedelta(seconds=0.2)  # between two questions for all that waits
    settled: timedelta = timedelta(seconds=5)  # until a job that the list lacks is asked for by itself
    running: timedelta = timedelta(seconds=15)  # between two readings of one that runs
    quiet: timedelta = timedelta(seconds=30)  # between two questions while nothing stirs
    telling: timedelta = timedelta(seconds=2)  # from an engine's end until its job is asked for by itself
    counted: bool = False  # it counts calls, so their number is bounded and not how long they take


def _nothing(org: LinkedOrg, clock: Clock) -> Mapping[str, Any]:
    return {}


def _forgotten(memory: Memory, told: Iterable[tuple[Heard, datetime]]) -> None:
    """Its client needs nothing of what webhooks told."""


def _remembering(org: LinkedOrg, clock: Clock) -> Mapping[str, Any]:
    """What its lists leave out is asked for once, for all processes."""
    return {"memory": Shared(f"{org.forge}:{digest(org.token.reveal())[:24]}")}


def _never(version: str) -> bool:
    return False


def _of_github(org: LinkedOrg, clock: Clock) -> Mapping[str, Any]:
    """Its calls are counted for each token, over all processes; a token of an App is another every hour."""
    common = {"clock": clock, "group": org.runner_group}
    if org.installation is None:
        return common | {"memory": Shared(f"github:{digest(org.token.reveal())[:24]}")}
    memory = Shared(f"github:installation:{org.installation_id}")
    return common | {"memory": memory, "installed": _installed(org.installation)}


def _installed(installation: Installation) -> Installed:
    ends = installation.token_ends_at
    barred = ""
    if installation.gone_at:
        barred = f"{installation.account} has uninstalled the App {installation.app}, so its link has ended."
    elif installation.suspended_at:
        barred = (
            f"{installation.account} has suspended the App {installation.app}. An owner there can lift that."
        )
    return Installed(installation.app.name, ends.timestamp() if ends else 0.0, barred)


@dataclass(frozen=True, slots=True)
class Kind:
    """All that the product and its pages may know of a kind of forge: nobody asks for its name."""

    title: str
    forge: Callable[..., Forge]
    hooks: Hooks | None  # None: it sends no webhooks, and is polled
    scopes: Mapping[str, Sequence[str]]  # the levels that can be linked -> what a token needs for each
    hint: str  # how a token is made there
    lasts: str  # until when a token does, in words, where none tells
    able: Callable[[str], frozenset[Act]]  # its version -> what it does for a token
    written: Written
    unreached: str = ""  # what to look at where its webhooks don't arrive
    runner_url: str = ""  # of an engine that calls another address than ours: which, in words
    alone: bool = True  # whether one job runs again by itself; False: all of its run, as another run
    files: bool = True  # whether it keeps repositories, so that files can be sent to them
    signposts: bool = True  # whether it shows a job that waits as broken until a runner is online
    silence: timedelta | None = timedelta(
        minutes=10
    )  # of a runner, until it fails the job by itself; None: unknown
    floors: Mapping[str, str] = field(default_factory=dict)  # host that wants its runner fresh -> the oldest
    redelivers: bool = False  # whether it keeps webhooks that failed, and sends them again
    groups: bool = False  # whether an organisation's runners are in groups, by name
    scale_sets: bool = False  # whether jobs can be heard of by scale sets
    binds: bool = (
        False  # whether it gives a runner the one job that it was made for; False: any that has its labels
    )
    containers: bool = False  # whether its engine runs jobs in a container that a pool names
    address: str = ""  # where nearly all of its kind are: what the form begins with
    other_way: str = ""  # the page of a second way to link, by its name
    pace: Pace = Pace()
    counts_pickups: Callable[[str], bool] = _never  # its version -> whether these are its attempts
    more: Callable[[LinkedOrg, Clock], Mapping[str, Any]] = _nothing  # what its client wants besides
    keep: Callable[[Memory, Iterable[tuple[Heard, datetime]]], None] = _forgotten  # of what webhooks told


KINDS = {
    "gitea": Kind(
        "Gitea",
        gitea_client.Gitea,
        gitea_client.GiteaHooks(),
        {level: tuple(scopes.values()) for level, scopes in gitea_scopes.SCOPES.items()},
        hint="In Gitea, as an owner of what you link: Settings, Applications, Generate new token.",
        lasts="never: Gitea’s tokens have no end",
        able=gitea_client.able,
        counts_pickups=gitea_client.counts_pickups,
        written=Actions(".gitea/workflows"),
        unreached="its page of the webhook says why, and ALLOWED_HOST_LIST in its app.ini lets it",
        containers=True,
    ),
    "forgejo": Kind(
        "Forgejo",
        forgejo_client.Forgejo,
        forgejo_client.ForgejoHooks(),
        forgejo_client.LEVELS,
        binds=True,
        hint="In Forgejo, as an owner of what you link: Settings, Applications, Generate new token.",
        lasts="never: Forgejo’s tokens have no end",
        able=forgejo_client.able,
        written=Actions(".forgejo/workflows"),
        containers=True,
        unreached="its page of the webhook says why, and ALLOWED_HOST_LIST in its app.ini lets it",
        pace=Pace(settled=timedelta(seconds=1)),  # no webhook tells that a job has begun
        more=_remembering,
    ),
    "woodpecker": Kind(
        "Woodpecker",
        woodpecker_client.Woodpecker,
        None,
        woodpecker_client.LEVELS,
        hint="In Woodpecker, as an administrator of it: your picture, CLI & API, Personal access token.",
        lasts="never: Woodpecker’s tokens have no end",
        able=woodpecker_client.able,
        written=Pipelines(),
        pace=Pace(timedelta(seconds=0.5), settled=timedelta(seconds=1), quiet=timedelta(seconds=3)),
        runner_url="Of its gRPC port, which machines call: grpc://ci.example.org:9000, or grpcs:// where it has TLS.",
        alone=False,
        silence=None,  # never
        files=False,
        signposts=False,
        more=_remembering,
    ),
    "github": Kind(
        "GitHub",
        github_client.GitHub,
        github_client.GitHubHooks(),
        github_scopes.SCOPES,
        hint="In GitHub, as an owner of what you link: Settings, Developer settings, Fine-grained tokens, with the "
        "organisation or yourself as resource owner. For webhooks also organization_hooks:write, or "
        "repository_hooks:write for a single repository.",
        lasts="when GitHub says so, at every check",
        able=github_client.able,
        written=Actions(".github/workflows"),
        unreached="its page of the webhook says why, under Recent deliveries",
        signposts=False,
        silence=None,
        address="https://github.com",
        other_way="github",
        redelivers=True,
        groups=True,
        scale_sets=True,
        floors={"github.com": "2.329.0"},  # enforced since 2026-09-25; a server of one's own takes any
        pace=Pace(
            often=timedelta(seconds=10),
            settled=timedelta(seconds=45),
            running=timedelta(minutes=2),
            telling=timedelta(seconds=6),
            counted=True,
        ),
        more=_of_github,
        keep=webhooks.keep,
    ),
}


def engine_floor(org: LinkedOrg) -> str:
    """The oldest version of its runner that its forge takes, and only if that is fresh; "" where it takes any."""
    return kind(org.forge).floors.get(urlsplit(org.url).hostname or "", "")


def forge(org: LinkedOrg, clock: Clock = time.time) -> Forge:
    """The client of one linked organisation, with its credential. Its calls raise Busy and Silent too."""
    return _admitted(org, _client(org, clock), clock)


def _admitted(org: LinkedOrg, client: Any, clock: Clock) -> Any:
    return Admitted(
        client, team=f"team {org.team_id}", host=origin(org.url), clock=clock, retry_at=org.retry_at
    )


def _client(org: LinkedOrg, clock: Clock) -> Forge:
    found = kind(org.forge)
    token = org.token if org.installation is None else org.installation.token or Secret("")
    return found.forge(
        org.url,
        org.name,
        token,
        policy(authority(org)),
        level=org.level,
        engine=engine(org),
        runner_url=org.runner_url or seen_by_machines(org.url),
        **found.more(org, clock),
        **(_sets(org) if found.scale_sets else {}),
    )


def _sets(org: LinkedOrg) -> Mapping[str, Any]:
    """Its scale sets by their label, and the access to them that lasts longest."""
    made = list(org.scale_sets.exclude(set_id="").defer("queue_token")) if org.pk else []
    known = [one.access for one in made if one.access]
    access = max(known, key=lambda one: one.ends, default=None)
    return {"sets": {one.label: one.set_id for one in made}, "access": access}


def scale_sets(org: LinkedOrg, clock: Clock = time.time) -> ScaleSets:
    """Its scale sets, at a forge of a kind that has them."""
    return _admitted(org, _client(org, clock).scale_sets, clock)


def seen_by_machines(url: str) -> str:
    """How a machine calls a forge that is on this computer, where its loopback is another; "" for every other."""
    parts = urlsplit(url)
    if not settings.HOST_FOR_MACHINES or parts.hostname not in ("127.0.0.1", "localhost"):
        return ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{settings.HOST_FOR_MACHINES}{port}"))


def able(org: LinkedOrg) -> frozenset[Act]:
    """What its forge, as it was last checked, does for a token. No outside call."""
    if org.installation and org.installation.permissions.get("actions") != "write":
        return frozenset()
    return frozenset() if org.may_write is False else kind(org.forge).able(org.version)


def attempt(org: LinkedOrg, seen: JobSeen) -> int:
    """The forge's number of the attempt that a reading is of, from 1 on; 0 where the forge tells none."""
    coming = not seen.picked_up and kind(org.forge).counts_pickups(org.version)
    return seen.forge_attempt + coming


def pace(org: LinkedOrg) -> Pace:
    return kind(org.forge).pace


def remember_webhooks(org: LinkedOrg, deliveries: Iterable[tuple[Heard, datetime]]) -> None:
    """What webhooks said of jobs and runs: where these are asked for one by one, some need no more asking."""
    if memory := _memory(org):
        kind(org.forge).keep(memory, deliveries)


def calls_left(org: LinkedOrg) -> tuple[int, int] | None:
    """Of how many calls an hour so many are left, as its forge's newest answer said. No outside call."""
    memory = _memory(org)
    left = Budget(memory, time.time).left() if memory else None
    return (left.calls, left.limit) if left else None


def _memory(org: LinkedOrg) -> Memory | None:
    return kind(org.forge).more(org, time.time).get("memory")


def lacks(org: LinkedOrg, act: Act) -> str:
    """Why its forge does not do that for us, as a sentence without its end; "" where it does."""
    if act in able(org):
        return ""
    found = kind(org.forge)
    if act in found.able(org.version):
        return "Our token may only read there"
    return f"{found.title} {org.version}".strip() + " lets nobody do that by a token"


def order(org: LinkedOrg, credential: Secret, labels: Sequence[str], image: str = "") -> EngineOrder:
    """What a machine's agent needs to take one job there, in a container of `image` where one is named. No outside
    call."""
    named = {"image": image} if image and containers(org) else {}
    return replace(_client(org, time.time).order(credential, labels, **named), authority=authority(org))


def authority(org: LinkedOrg) -> str:
    """Whom its forge is trusted by beside public authorities, as PEM; "" for nobody."""
    return org.authority if org.installation is None else org.installation.app.authority


def containers(org: LinkedOrg) -> bool:
    """Whether its jobs can be run in a container that a pool names."""
    return kind(org.forge).containers and not practice(org)


def kind(name: str) -> Kind:
    """Raises Refused with the kinds there are."""
    if name not in KINDS:
        known = ", ".join(kind.title for kind in KINDS.values())
        raise Refused(f"Farmhand does not know the forge “{name}”. It knows: {known}.")
    return KINDS[name]


def engine(org: LinkedOrg) -> str:
    """What runs inside a machine to take its jobs: the practice forge has an engine of its own."""
    return "practice" if practice(org) else org.forge


def practice(org: LinkedOrg) -> bool:
    """True for the practice forge of this installation, known by its exact origin."""
    try:
        return bool(settings.PRACTICE_FORGE) and origin(org.url) == origin(settings.PRACTICE_FORGE)
    except BadAddress:
        return False


def address(url: str) -> str:
    """Where a forge is, in the one spelling in which links are kept and compared. Raises Refused."""
    try:
        return http_client.address(url)
    except BadAddress as error:
        raise Refused(str(error)) from None


def may_call(url: str) -> bool:
    """Whether it is allowed though it may be private."""
    return settings.ALLOW_PRIVATE_FORGES or origin(url) in policy().allowed_origins


def policy(authority: str = "") -> Policy:
    """Which addresses a forge may have: public ones, and what the operator allows. `authority`: of one forge, PEM."""
    allowed = [*settings.ALLOWED_FORGE_ORIGINS, settings.PRACTICE_FORGE]
    return Policy(
        allow_private=settings.ALLOW_PRIVATE_FORGES,
        allowed_origins=frozenset(map(origin, filter(None, allowed))),
        authority=authority,
    )
