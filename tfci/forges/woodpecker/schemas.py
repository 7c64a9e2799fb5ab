"""Woodpecker's schemas, as far as we read them, and their conversion to our facts; verified with 3.17."""

import re
from base64 import b64decode
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec

from tfci.forges.decoding import PART, Malformed, Number, decode, decode_list
from tfci.forges.facts import JobSeen, RunnerSeen, RunSeen, Status, StepSeen
from tfci.forges.texts import LONG, NAME
from tfci.forges.woodpecker import labels

T = TypeVar("T")
Moment = Annotated[int, msgspec.Meta(ge=0, le=2**33)]  # seconds since 1970, 0 where it is unset
State = Annotated[str, msgspec.Meta(max_length=30)]

REPOSITORY = re.compile(f"{PART}(/{PART})+")
STATUS: dict[str, Status] = {
    "created": "waiting",
    "blocked": "waiting",  # for somebody's approval
    "pending": "queued",
    "running": "in_progress",
}  # any other has ended
BY_HAND = ("killed", "canceled", "declined")  # a pipeline that somebody ended, with all that it had left
ENDED = {"killed": "cancelled", "canceled": "cancelled", "declined": "cancelled", "error": "failure"}
NO_ORG = -1


class WoodpeckerVersion(msgspec.Struct):
    version: str
    source: str = ""


class WoodpeckerUser(msgspec.Struct):
    login: Annotated[str, msgspec.Meta(max_length=NAME)]
    admin: bool = False


class Org(msgspec.Struct):
    id: Number
    name: str = ""


class Repo(msgspec.Struct):
    id: Number


class Task(msgspec.Struct):
    """A workflow in the queue. One that waits and names an agent was its, and came back when that fell silent."""

    id: Annotated[str, msgspec.Meta(max_length=40)]
    labels: dict[str, str]
    repo_id: Number
    pipeline_number: Number = 0
    name: str = ""
    agent_id: Number = 0
    agent_name: str = ""
    created: Moment = 0


class Queue(msgspec.Struct):
    pending: list[Task] | None = None
    waiting_on_deps: list[Task] | None = None
    running: list[Task] | None = None
    paused: bool = False


class WoodpeckerStep(msgspec.Struct):
    id: Number
    name: str = ""
    started: Moment = 0
    finished: Moment = 0


class Workflow(msgspec.Struct):
    id: Number
    state: State
    name: str = ""
    agent_id: Number = 0
    started: Moment = 0
    finished: Moment = 0
    children: list[WoodpeckerStep] | None = None


class PipelineFacts(msgspec.Struct):
    """What stays as it is while a pipeline goes on."""

    number: Number
    event: str = ""
    commit: str = ""
    branch: str = ""
    title: str = ""
    message: str = ""
    sender: str = ""
    created: Moment = 0


class Pipeline(PipelineFacts):
    """`status` is the whole's. Of one that was killed, a workflow that never began is skipped, and one whose agent does
    not answer is running for ever."""

    status: State = ""
    workflows: list[Workflow] | None = None


class LogLine(msgspec.Struct):
    """Of a log; its text is in base64."""

    data: str | None = None


class WoodpeckerAgent(msgspec.Struct):
    id: Number
    name: str
    token: str = ""
    last_contact: int = 0
    org_id: int = NO_ORG
    custom_labels: dict[str, str] | None = None


def read(body: bytes, shape: type[T]) -> T:
    """The bytes in that shape. Raises Malformed."""
    return decode(body, shape, "Woodpecker")


def read_list(body: bytes, shape: type[T]) -> list[T]:
    """A list of these. Raises Malformed."""
    return decode_list(body, shape, "Woodpecker")


def repository(task: Task) -> str:
    """ "owner/name". Raises Malformed."""
    name = task.labels.get("repo", "")
    if not REPOSITORY.fullmatch(name) or len(name) > LONG:
        raise Malformed(f"Task {task.id} does not say which repository it is of.")
    return name


def queued(task: Task, pipeline: PipelineFacts, page: str, status: Status) -> JobSeen:
    """A reading of what is in the queue. `page`: the pipeline's."""
    has = task.agent_id if status == "in_progress" else 0
    return JobSeen(
        job_id=task.id,
        run_id=str(task.pipeline_number),
        repository=repository(task),
        name=task.name,
        labels=labels.words(task.labels),
        status=status,
        runner_id=str(has) if has else None,
        runner_name=task.agent_name if has else None,
        handle=labels.required(task.labels),
        **_of(task.name, pipeline, page, task.created),
    )


def status_of(workflow: Workflow, pipeline: Pipeline) -> Status:
    """In our words."""
    return "completed" if pipeline.status in BY_HAND else STATUS.get(workflow.state, "completed")


def read_again(workflow: Workflow, pipeline: Pipeline, repository: str, page: str, status: Status) -> JobSeen:
    """A reading of one workflow by itself, which does not tell its labels."""
    ended = status == "completed"
    return JobSeen(
        job_id=str(workflow.id),
        run_id=str(pipeline.number),
        repository=repository,
        name=workflow.name,
        labels=(),
        status=status,
        conclusion=_conclusion(workflow, pipeline) if ended else None,
        runner_id=str(workflow.agent_id) if workflow.agent_id else None,
        started_at=moment(workflow.started),
        completed_at=moment(workflow.finished) if ended else None,
        steps=tuple(map(_step, workflow.children or ())) if ended else (),
        **_of(workflow.name, pipeline, page, pipeline.created),
    )


def _of(name: str, pipeline: PipelineFacts, page: str, created: int) -> dict[str, Any]:
    """A workflow is called as its file."""
    return {
        "workflow": name,
        "branch": pipeline.branch,
        "sha": pipeline.commit,
        "sender": pipeline.sender,
        "url": page,
        "created_at": moment(created),
    }


def _step(step: WoodpeckerStep) -> StepSeen:
    return StepSeen(step.name, moment(step.started), moment(step.finished))


def _conclusion(workflow: Workflow, pipeline: Pipeline) -> str:
    left = workflow.state in ("skipped", *STATUS)
    if left and pipeline.status in BY_HAND:
        return "cancelled"
    return ENDED.get(workflow.state, workflow.state)


def run_seen(pipeline: PipelineFacts) -> RunSeen:
    """A pipeline may have several files, so it names none."""
    title = pipeline.title or pipeline.message
    return RunSeen("", title.partition("\n")[0], pipeline.sender, pipeline.event)


def runner_seen(agent: WoodpeckerAgent) -> RunnerSeen:
    """`online`: it has called; Woodpecker does not tell whether it is still there."""
    said = labels.words(agent.custom_labels or {})
    return RunnerSeen(str(agent.id), agent.name, agent.last_contact > 0, False, True, said)


def line(said: LogLine) -> bytes:
    try:
        return b64decode(said.data or "")
    except ValueError:
        return b""


def moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
