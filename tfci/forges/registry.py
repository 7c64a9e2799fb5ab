"""A Connection -> its client: the only place where a row meets one. A new forge is one entry in KINDS."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop

from tfci.core.http_client import origin
from tfci.core.optional import present
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.vault import digest
from tfci.forges.actions.workflows import Actions
from tfci.forges.addresses import is_practice_forge, policy, seen_by_vms
from tfci.forges.admission import Admitted
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import EngineOrder, JobAction, JobSeen, WebhookEvent
from tfci.forges.forgejo import client as forgejo_client
from tfci.forges.gitea import client as gitea_client, scopes as gitea_scopes
from tfci.forges.github import client as github_client, scopes as github_scopes, webhooks as github_webhooks
from tfci.forges.github.api import Installed
from tfci.forges.github.budget import CallBudget
from tfci.forges.kinds import Clock, EngineRules, ForgeKind, JobRules, LinkingGuide, PollingPace, Webhooks
from tfci.forges.memory.shared import SharedMemory
from tfci.forges.models import Connection, Installation
from tfci.forges.ports.forge import Forge, Memory
from tfci.forges.ports.scale_sets import HasScaleSets, ScaleSets
from tfci.forges.problems import AppSuspended, AppUninstalled
from tfci.forges.target import ForgeTarget
from tfci.forges.woodpecker import client as woodpecker_client
from tfci.forges.woodpecker.workflows import Pipelines

Ability = TypeVar("Ability")  # a protocol of ports/
Client = TypeVar("Client")


def _with_memory(connection: Connection, clock: Clock) -> Mapping[str, Any]:
    """Facts that its lists lack are read once, for all processes."""
    return {"memory": SharedMemory(f"{connection.forge}:{digest(connection.token.reveal())[:24]}")}


def _github_options(connection: Connection, clock: Clock) -> Mapping[str, Any]:
    """Its calls are counted for each token, over all processes; a token of an App is another every hour."""
    common = {"clock": clock, "group": connection.runner_group}
    if connection.installation is None:
        return common | {"memory": SharedMemory(f"github:{digest(connection.token.reveal())[:24]}")}
    memory = SharedMemory(f"github:installation:{connection.installation_id}")
    return common | {"memory": memory, "installed": _installed(connection.installation)}


def _installed(installation: Installation) -> Installed:
    ends, app = installation.token_ends_at, installation.app
    blocked: Reason | None = None
    if installation.gone_at:
        blocked = AppUninstalled(installation.account, app.name)
    elif installation.suspended_at:
        blocked = AppSuspended(app.url)
    return Installed(app.name, ends.timestamp() if ends else 0.0, blocked)


KINDS = {
    "gitea": ForgeKind(
        "Gitea",
        gitea_client.Gitea,
        LinkingGuide(
            {level: tuple(scopes.values()) for level, scopes in gitea_scopes.SCOPES.items()},
            gitea_scopes.SETTINGS_PAGE,
            gettext_noop(
                "Sign in to Gitea as an owner of what you connect. Under “Generate new token”, choose “All (public, "
                "private, and limited)” and the scopes below."
            ),
            gettext_noop("never: Gitea’s tokens don’t expire"),
        ),
        JobRules(gitea_client.ACTIONS_SINCE, counts_pickups=gitea_client.counts_pickups),
        Actions(".gitea/workflows"),
        Webhooks(gitea_client.GiteaHooks()),
        EngineRules(containers=True),
    ),
    "forgejo": ForgeKind(
        "Forgejo",
        forgejo_client.Forgejo,
        LinkingGuide(
            forgejo_client.LEVELS,
            gitea_scopes.SETTINGS_PAGE,
            gettext_noop(
                "Sign in to Forgejo as an owner of what you connect. Under “Generate new token”, choose the "
                "scopes below."
            ),
            gettext_noop("never: Forgejo’s tokens don’t expire"),
        ),
        JobRules(forgejo_client.ACTIONS_SINCE, binds_runners=True),
        Actions(".forgejo/workflows"),
        Webhooks(forgejo_client.ForgejoHooks()),
        EngineRules(containers=True),
        PollingPace(settled=timedelta(seconds=1)),  # no webhook tells that a job has begun
        options=_with_memory,
    ),
    "woodpecker": ForgeKind(
        "Woodpecker",
        woodpecker_client.Woodpecker,
        LinkingGuide(
            woodpecker_client.LEVELS,
            "/user",
            gettext_noop(
                "Sign in to Woodpecker as an administrator and open “CLI & API”. It shows your personal access token."
            ),
            gettext_noop("never: Woodpecker’s tokens don’t expire"),
            runner_url_help=gettext_noop(
                "Of its gRPC port, which VMs call: grpc://ci.example.org:9000, or grpcs:// where it has TLS."
            ),
        ),
        JobRules(reruns_single_jobs=False),
        Pipelines(),
        engine=EngineRules(silence=None),  # never
        pace=PollingPace(timedelta(seconds=0.5), settled=timedelta(seconds=1), quiet=timedelta(seconds=3)),
        code_host=False,
        options=_with_memory,
    ),
    "github": ForgeKind(
        "GitHub",
        github_client.GitHub,
        LinkingGuide(
            github_scopes.SCOPES,
            # its addresses took a name and permissions once; GitHub withdrew that as broken in May 2026
            f"{github_scopes.SETTINGS_PAGE}/new",
            gettext_noop(
                "Sign in to GitHub as an owner of what you connect, choose the organization or yourself as "
                "resource owner, "
                "and the permissions below. Webhooks also need organization_hooks:write, or "
                "repository_hooks:write for a "
                "single repository."
            ),
            gettext_noop("when GitHub says so, at every check"),
            address="https://github.com",
            app_page="github",
        ),
        JobRules(log_while_running=False),
        Actions(".github/workflows"),
        Webhooks(github_client.GitHubHooks(), github_webhooks.remember),
        # enforced since 2026-09-25; a server of one's own takes any
        EngineRules(runner_groups=True, silence=None, minimum_versions={"github.com": "2.329.0"}),
        PollingPace(
            often=timedelta(seconds=10),
            settled=timedelta(seconds=45),
            running=timedelta(minutes=2),
            after_end=timedelta(seconds=6),
            counted=True,
        ),
        options=_github_options,
    ),
}


def kind(name: str) -> ForgeKind:
    """Raises ForgeRefused with the kinds there are."""
    if name not in KINDS:
        known = ", ".join(kind.title for kind in KINDS.values())
        raise ForgeRefused(f"Farmhand does not know the forge “{name}”. It knows: {known}.")
    return KINDS[name]


def kinds_implementing(protocol: type) -> list[str]:
    """The names of the kinds whose clients implement it."""
    return [name for name, kind in KINDS.items() if kind.implements(protocol)]


def implementing(connection: Connection, forge: Forge, protocol: type[Ability]) -> Ability | None:
    """The client of a connection as one that implements the protocol; None if its kind does not."""
    return cast(Ability, forge) if kind(connection.forge).implements(protocol) else None


def engine_floor(connection: Connection) -> str:
    """The oldest version of its runner that its forge takes, and only if that is fresh; "" where it takes any."""
    return kind(connection.forge).engine.minimum_versions.get(urlsplit(connection.url).hostname or "", "")


def forge(connection: Connection, clock: Clock = time.time) -> Forge:
    """The client of a connection, with its credential. Its calls raise Busy and ForgeSilent too."""
    return _admitted(connection, _client(connection, clock), clock)


def _admitted(connection: Connection, client: Client, clock: Clock) -> Client:
    admitted = Admitted(
        client,
        team=f"team {connection.team_id}",
        host=origin(connection.url),
        clock=clock,
        retry_at=connection.retry_at,
    )
    return cast(Client, admitted)  # it has what its client has


def _client(connection: Connection, clock: Clock) -> Forge:
    found = kind(connection.forge)
    token = (
        connection.token if connection.installation is None else connection.installation.token or Secret("")
    )
    target = ForgeTarget(
        connection.url,
        connection.name,
        token,
        policy(authority(connection)),
        level=connection.level,
        engine=engine(connection),
        runner_url=connection.runner_url or seen_by_vms(connection.url),
    )
    return found.client(
        target,
        **found.options(connection, clock),
        **(_sets(connection) if found.implements(HasScaleSets) else {}),
    )


def _sets(connection: Connection) -> Mapping[str, Any]:
    """Its scale sets by their label, and the access to them that lasts longest."""
    made = list(connection.scale_sets.exclude(set_id="").defer("queue_token")) if connection.pk else []
    known = [one.access for one in made if one.access]
    access = max(known, key=lambda one: one.ends, default=None)
    return {"sets": {one.label: one.set_id for one in made}, "access": access}


def scale_sets(connection: Connection, clock: Clock = time.time) -> ScaleSets:
    """Its scale sets, at a forge of a kind that has them."""
    client = present(implementing(connection, _client(connection, clock), HasScaleSets))
    return _admitted(connection, client.scale_sets(), clock)


def actions(connection: Connection) -> frozenset[JobAction]:
    """The actions that its forge, as of the last check, allows a token. No outside call."""
    if connection.installation and connection.installation.permissions.get("actions") != "write":
        return frozenset()
    return (
        frozenset() if connection.may_write is False else kind(connection.forge).actions(connection.version)
    )


def attempt(connection: Connection, seen: JobSeen) -> int:
    """The forge's number of the attempt that a reading is of, from 1 on; 0 where the forge tells none."""
    coming = not seen.picked_up and kind(connection.forge).jobs.counts_pickups(connection.version)
    return seen.forge_attempt + coming


def pace(connection: Connection) -> PollingPace:
    return kind(connection.forge).pace


def remember_webhooks(connection: Connection, deliveries: Iterable[tuple[WebhookEvent, datetime]]) -> None:
    """Store the events of webhooks: where runs are read one by one, some need no reading then."""
    webhooks = kind(connection.forge).webhooks
    if webhooks and (memory := _memory(connection)):
        webhooks.remember(memory, deliveries)


def calls_left(connection: Connection) -> tuple[int, int] | None:
    """(left, limit) of the hour's calls, from the forge's newest answer. No outside call."""
    memory = _memory(connection)
    left = CallBudget(memory, time.time).left() if memory else None
    return (left.calls, left.limit) if left else None


def _memory(connection: Connection) -> Memory | None:
    return kind(connection.forge).options(connection, time.time).get("memory")


def unsupported(connection: Connection, action: JobAction) -> str:
    """Why its forge does not support that action for us, as a sentence without its end; "" if it does."""
    if action in actions(connection):
        return ""
    found = kind(connection.forge)
    if action in found.actions(connection.version):
        return "Our token may only read there"
    return f"{found.title} {connection.version}".strip() + " lets nobody do that by a token"


def order(connection: Connection, credential: Secret, labels: Sequence[str], image: str = "") -> EngineOrder:
    """What a VM's agent needs to take one job there, in a container of `image` where one is named. No outside
    call."""
    options = {"image": image} if image and containers(connection) else {}
    return replace(
        _client(connection, time.time).order(credential, labels, **options), authority=authority(connection)
    )


def authority(connection: Connection) -> str:
    """Whom its forge is trusted by beside public authorities, as PEM; "" for nobody."""
    return connection.authority if connection.installation is None else connection.installation.app.authority


def containers(connection: Connection) -> bool:
    """Whether its jobs can be run in a container that a pool names."""
    return kind(connection.forge).engine.containers and not is_practice_forge(connection.url)


def engine(connection: Connection) -> str:
    """What runs inside a VM to take its jobs: the practice forge has an engine of its own."""
    return "practice" if is_practice_forge(connection.url) else connection.forge
