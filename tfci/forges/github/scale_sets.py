"""Runner scale sets of a GitHub: jobs of one label, given to runners of the set alone, and announced by a queue.

A set has one label, for GitHub gives it every job whose labels are among its own. What is known of the service, and
from where: forges/github/actions_service.py.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from tfci.core import http_client
from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.forges.actions import paths
from tfci.forges.actions.schemas import RunnerLabel
from tfci.forges.decoding import Number
from tfci.forges.errors import ForgeRefused, Gone, SessionEnded, SessionTaken, Unreachable
from tfci.forges.facts import JobSeen, Registration, RunnerSeen
from tfci.forges.github import messages, schemas as shapes
from tfci.forges.github.actions_service import Service, read
from tfci.forges.github.groups import RunnerGroups
from tfci.forges.ports.scale_sets import Access, Message, Session

SETS, AGENTS = "/_apis/runtime/runnerscalesets", "/_apis/distributedtask/pools/0/agents"
POLL_TIMEOUT = 60.0  # seconds that a call for messages may take; GitHub holds it for about 50
CAPACITY = "X-ScaleSetMaxCapacity"
DROPPED = (
    "This GitHub created a scale set with other labels than requested. Enterprise Server 3.18 to 3.20 accepts "
    "labels if its administrator enables DistributedTask.AllowRunnerScaleSetCustomLabels; 3.21 and newer always "
    "do."
)
TAKEN = (
    "Another listener has this scale set’s only session. If no other Farmhand with the same keys is running, "
    "that session was left behind: the operator turns scale sets off and on again, which recreates the set."
)


class Set(msgspec.Struct):
    id: Number
    labels: list[RunnerLabel] = []


class ScaleSetList(msgspec.Struct):
    entries: list[Set] = msgspec.field(default_factory=list, name="value")


class Opened(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(max_length=60)] = msgspec.field(name="sessionId")
    queue: str = msgspec.field(name="messageQueueUrl")
    token: str = msgspec.field(name="messageQueueAccessToken")


class ScaleSetRunner(msgspec.Struct):
    """A runner; its number is the one that the REST API knows it by (inferred: a runner's own `.runner` says so)."""

    id: Number
    name: str = ""


class Agents(msgspec.Struct):
    entries: list[ScaleSetRunner] = msgspec.field(default_factory=list, name="value")


class Jit(msgspec.Struct):
    runner: ScaleSetRunner
    config: str = msgspec.field(name="encodedJITConfig")


class GitHubScaleSets:
    """Of one organisation or repository."""

    def __init__(self, service: Service, groups: RunnerGroups) -> None:
        self._service, self._groups = service, groups

    @property
    def access(self) -> Access | None:
        return self._service.access

    def ready(self) -> bool:
        return self._service.ready()

    # The set

    def make(self, name: str, label: str) -> str:
        group = self._groups.number()
        params = [("runnerGroupId", str(group)), ("name", name)]
        existing = self._service.fetch(SETS, ScaleSetList, params).entries
        made = existing[0] if existing else self._create(name, label, group)
        if [one.name.casefold() for one in made.labels] != [label.casefold()]:
            self.remove(str(made.id))
            raise ForgeRefused(DROPPED)
        return str(made.id)

    def _create(self, name: str, label: str, group: int) -> Set:
        body = {
            "name": name,
            "runnerGroupId": group,
            "labels": [{"name": label, "type": "System"}],
            "RunnerSetting": {"disableUpdate": False},
        }
        return read(self._service.call("POST", SETS, json=body), Set)

    def remove(self, set_id: str) -> None:
        with suppress(Gone):
            self._service.call("DELETE", _set(set_id))

    # Its session

    def open(self, set_id: str, owner: str) -> Session:
        try:
            answer = self._service.call("POST", _set(set_id, "sessions"), json={"ownerName": owner})
        except SessionTaken:
            raise SessionTaken(TAKEN) from None
        return _session(read(answer, Opened))

    def renew(self, set_id: str, session: Session) -> Session:
        answer = self._service.call("PATCH", _set(set_id, f"sessions/{quote(session.session_id, safe='')}"))
        return _session(read(answer, Opened))

    def close(self, set_id: str, session: Session) -> None:
        with suppress(Gone):
            self._service.call("DELETE", _set(set_id, f"sessions/{quote(session.session_id, safe='')}"))

    # Its messages

    def next_message(self, session: Session, last: int, capacity: int) -> Message | None:
        after = f"lastMessageId={last}" if last else ""
        headers = {CAPACITY: str(capacity), "Accept": "application/json; api-version=6.0-preview"}
        answer = self._call_queue(session, "GET", "", after, headers=headers, timeout=POLL_TIMEOUT)
        if answer.status == 202:
            return None
        return messages.message(read(answer, messages.Batch))

    def done(self, session: Session, message_id: int) -> None:
        with suppress(Gone):
            self._call_queue(session, "DELETE", f"/{message_id}")

    def _call_queue(
        self, session: Session, method: str, path: str, query_part: str = "", **options: Any
    ) -> http_client.Answer:
        """A successful answer of the queue, whose address may have a query of its own."""
        base, _, query = session.queue.partition("?")
        full_query = "&".join(filter(None, [query, query_part]))
        target = f"{path}?{full_query}" if full_query else path
        return self._checked(self._service.send(base, method, target, session.token, **options))

    def _checked(self, answer: http_client.Answer) -> http_client.Answer:
        if answer.status == 401:
            raise SessionEnded("The token of this scale set’s session has expired.")
        return self._service.checked(answer)

    def offers(self, set_id: str) -> Message:
        answer = self._service.call("GET", _set(set_id, "acquirablejobs"))
        entries = [] if answer.status == 204 else read(answer, messages.Offered).entries
        return messages.build(0, [msgspec.structs.replace(one, type=messages.OFFER) for one in entries])

    def acquire(self, set_id: str, session: Session, offered: Sequence[int]) -> None:
        """By the token of the session, at the address of the service."""
        self.ready()
        base, path = present(self.access).url, f"{_set(set_id, 'acquirejobs')}?api-version=6.0-preview"
        self._checked(self._service.send(base, "POST", path, session.token, json=[*offered]))

    def jobs(self, repository: str, run_id: str) -> list[JobSeen]:
        path = f"{paths.run(repository, run_id)}/jobs"
        return [shapes.job_seen(job, repository) for job in self._service.api.listed(path, shapes.GitHubJobs)]

    # Its runners

    def register(self, set_id: str, name: str) -> Registration:
        """A runner that takes one job of this set. One of that name, which an earlier try left, goes first."""
        body = {"name": name, "workFolder": "_work"}
        try:
            for left in self.runners(name):
                self.remove_runner(left.runner_id)
            made = read(self._service.call("POST", _set(set_id, "generatejitconfig"), json=body), Jit)
        except Gone:
            raise Unreachable("GitHub removed the scale set of these jobs; Farmhand recreates it.") from None
        return Registration(str(made.runner.id), Secret(made.config))

    def runners(self, name: str = "") -> list[RunnerSeen]:
        """All of the place, or those of a name; the service does not report whether they are online or busy."""
        params = [("agentName", name)] if name else []
        entries = self._service.fetch(AGENTS, Agents, params).entries
        return [
            RunnerSeen(str(one.id), one.name, online=False, busy=False, ephemeral=True) for one in entries
        ]

    def remove_runner(self, runner_id: str) -> None:
        """One that is gone is no error. Raises Unreachable while it has a job."""
        with suppress(Gone):
            self._service.call("DELETE", f"{AGENTS}/{quote(runner_id, safe='')}")


def _set(set_id: str, below: str = "") -> str:
    return f"{SETS}/{quote(set_id, safe='')}{f'/{below}' if below else ''}"


def _session(opened: Opened) -> Session:
    return Session(opened.id, opened.queue, Secret(opened.token))
