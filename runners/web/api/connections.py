"""Linked organisations, users and repositories: link, give a new token, check, unlink."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from runners import gateways
from runners.connections import health, health_facts, linking
from runners.queue import nudges
from runners.reasons.connections import Subject
from runners.web.api import lists, problems
from runners.web.api.access import OUTSIDE, Bearer
from runners.web.api.schemas import ReasonShown, Said, Time, reason_shown
from runners.web.forms import ConnectionForm, ConnectionTokenForm, ReachForm
from tfci.accounts.requests import TokenRequest
from tfci.core.reasons import Severity
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.models import Connection, Contact

router = Router()
READ, LINK = Bearer("connections.read"), Bearer("connections.change")
Way = Literal["webhook", "poll"]
Level = Literal["org", "user", "repo", "instance"]


class ConnectionNew(Said):
    forge: str = Field(examples=["gitea"])
    url: str = Field(examples=["https://git.example.org"], description="Address of the forge's start page.")
    level: Level = Field(
        "org",
        description=(
            "What to connect: an organization, a user, a repository or a whole instance. Not every forge "
            "supports all of them."
        ),
    )
    name: str = Field(
        "",
        examples=["acme"],
        description="As spelled in its address; a repository with its owner, like acme/app. Empty for an instance.",
    )
    token: str = Field(
        description="The manual page of each forge lists the required scopes. Stored encrypted, never shown."
    )
    way: Way = Field(
        "webhook",
        description="Use poll if the forge can't reach Farmhand. A forge without webhooks is always polled.",
    )
    runner_url: str = Field(
        "", description="Address that VMs use, if it differs from url. Required for Woodpecker."
    )
    runner_group: str = Field(
        "", description="Runner group of a GitHub organization. Empty: the default group."
    )
    authority: str = Field(
        "",
        description="Certificate authority of the forge as PEM, if it is not a public one.",
    )


class ConnectionChange(Said):
    token: str | None = None
    way: Way | None = None
    runner_group: str | None = None
    authority: str | None = None


class FindingSeen(Schema):
    subject: CheckSubject = Field(description="What was looked at.")
    reason: ReasonShown

    @staticmethod
    def resolve_reason(finding: Finding) -> dict[str, Any] | None:
        return reason_shown(finding.reason)


class ConnectionOut(Schema):
    id: int
    forge: str
    level: Level
    url: str
    name: str
    way: str
    version: str = Field(description="What the forge runs.")
    login: str = Field(description="User that the token belongs to.")
    runner_group: str
    problems: list[ReasonShown] = Field(description="Problems to fix at the forge; empty if there are none.")
    findings: list[FindingSeen] = Field(description="Results of the last check.")
    connected_at: Time
    checked_at: Time | None
    last_webhook_at: Time | None = Field(description="The last webhook.")
    last_polled_at: Time | None
    contact: Contact = Field(
        description="How the forge answers polls. silent: no answer, Farmhand pauses before it retries."
    )
    silent_since: Time | None
    retry_at: Time | None = Field(description="When Farmhand retries a silent forge.")
    disconnecting_at: Time | None
    disconnected_at: Time | None

    @staticmethod
    def resolve_problems(connection: Connection) -> list[dict[str, Any] | None]:
        return [reason_shown(problem) for problem in connection.typed_problems]

    @staticmethod
    def resolve_findings(connection: Connection) -> list[Finding]:
        return connection.typed_findings

    @staticmethod
    def resolve_contact(connection: Connection) -> Contact:
        return connection.contact(timezone.now())


class SignSeen(Schema):
    subject: Subject = Field(description="What was looked at.")
    severity: Severity = Field(description="info: healthy. warning: degraded. error: action needed.")
    reason: ReasonShown
    at: Time | None = Field(description="The time that the text refers to.")
    advice: str = Field(description="What to do; empty if nothing is needed.")

    @staticmethod
    def resolve_reason(sign: health.HealthSign) -> dict[str, Any] | None:
        return reason_shown(sign.reason)

    @staticmethod
    def resolve_advice(sign: health.HealthSign) -> str:
        return sign.reason.advice


class HealthSeen(Schema):
    state: health.HealthState = Field(description="The worst state of all signs.")
    signs: list[SignSeen]


@router.get("", auth=READ, response={200: lists.Page[ConnectionOut]} | problems.responses())
def list_connections(request: TokenRequest, query: Query[lists.ListQuery]) -> dict[str, Any]:
    """All connections, newest first."""
    return lists.page(request, _theirs(request).filter(disconnected_at=None), query)


@router.post(
    "", auth=LINK, throttle=OUTSIDE, response={201: ConnectionOut} | problems.responses(*problems.BODY, 502)
)
def create_connection(request: TokenRequest, body: ConnectionNew) -> Status[Connection]:
    """Checks the forge first: 422 lists everything that is missing, 502 means that it can't be reached."""
    values = problems.validated(ConnectionForm(body.model_dump()))
    connection = linking.connect(request.team, values, gateways.GATEWAYS, request.auth, timezone.now())
    nudges.ask(connection.pk)
    return Status(201, connection)


@router.get("/{int:pk}", auth=READ, response={200: ConnectionOut} | problems.responses(404))
def read_connection(request: TokenRequest, pk: int) -> Connection:
    return _one(request, pk)


@router.get("/{int:pk}/health", auth=READ, response={200: HealthSeen} | problems.responses(404))
def read_health(request: TokenRequest, pk: int) -> health.Health:
    """Health of the connection as a list of signs, each with what to do."""
    now = timezone.now()
    connection = lists.one(health_facts.counted(_theirs(request), now), "connection", pk=pk)
    [found] = health.assess([connection], now)
    return found


@router.patch(
    "/{int:pk}",
    auth=LINK,
    throttle=OUTSIDE,
    response={200: ConnectionOut} | problems.responses(*problems.BODY, 404, 409, 502),
)
def change_connection(request: TokenRequest, pk: int, body: ConnectionChange) -> Connection:
    """Change the token or certificate authority (checked before it replaces the old one), the runner group, or the job
    discovery."""
    connection, values = _alive(request, pk), body.model_dump(exclude_unset=True)
    if "token" in values:
        token = problems.validated(ConnectionTokenForm(values))["token"]
        linking.renew(connection, token, gateways.GATEWAYS, request.auth, timezone.now())
    if reach := {
        name: values[name] for name in ("runner_group", "authority") if values.get(name) is not None
    }:
        sound = problems.validated(ReachForm(connection, reach))
        settings = {name: sound.get(name, text) for name, text in reach.items()}
        linking.change(connection, settings, gateways.GATEWAYS, request.auth, timezone.now())
    if body.way:
        linking.set_way(connection, body.way, gateways.GATEWAYS, request.auth, timezone.now())
    return connection


@router.post(
    "/{int:pk}/check",
    auth=LINK,
    throttle=OUTSIDE,
    response={200: ConnectionOut} | problems.responses(404, 409),
)
def check_connection(request: TokenRequest, pk: int) -> Connection:
    """Check the forge again and recreate a missing webhook. `problems` lists what else to fix."""
    return linking.check(_alive(request, pk), gateways.GATEWAYS, timezone.now())


@router.delete("/{int:pk}", auth=LINK, response={202: ConnectionOut} | problems.responses(404))
def disconnect_connection(request: TokenRequest, pk: int) -> Status[Connection]:
    """Take no new jobs. When its last job has ended, Farmhand removes everything it created at the forge."""
    connection = _one(request, pk)
    if linking.disconnect(connection, request.auth, timezone.now()):
        nudges.sweep_connection(connection.pk)
    return Status(202, connection)


def _theirs(request: TokenRequest) -> QuerySet[Connection]:
    return Connection.objects.of(request.team).select_related("team")


def _one(request: TokenRequest, pk: int) -> Connection:
    return lists.one(_theirs(request), "connection", pk=pk)


def _alive(request: TokenRequest, pk: int) -> Connection:
    connection = _one(request, pk)
    if not connection.alive:
        raise problems.Stop(409, f"{connection} is being disconnected. Connect it again when that is done.")
    return connection
