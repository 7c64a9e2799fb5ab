"""A workflow's text -> the same text with other labels behind `runs-on`, and why some jobs are left as they are. Pure.

The text is read as YAML only to find where values stand; what is not such a value stays to the last byte.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from runners.jobs.labels import ARM_WORDS, NEUTRAL
from tfci.core.translation import gettext, gettext_noop

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
WORD = re.compile(
    r"(?i)yes|no|on|off|true|false|null|y|n"
)  # what some readers of YAML take for something else
HOSTED = re.compile(r"(?i)ubuntu-[a-z0-9.-]+")  # GitHub's own VMs with Linux, however large
ELSEWHERE = re.compile(r"(?i)(windows|macos|mac|osx)\b.*")

Edit = tuple[int, int, str]  # from, to, what stands there then

NO_LABEL = gettext_noop("It has no label.")
NO_RUNS_ON = gettext_noop("It has no runs-on of its own.")
REUSED = gettext_noop("It calls another workflow, which defines where it runs.")
EXPRESSION = gettext_noop("It is an expression, {}: change it by hand.")
GROUP = gettext_noop("It names a runner group: change it by hand.")
SHARED = gettext_noop("Other places of the file refer to it, or it refers to one: change it by hand.")
COMMENTS = gettext_noop("There are comments between its labels: change it by hand.")
ODD = gettext_noop("Its format can't be changed automatically: change it by hand.")
OURS = gettext_noop("One of your pools already takes it.")
OTHER_SYSTEM = gettext_noop("It asks for {}, but VMs run Linux on x86-64.")
OF_YOURS = gettext_noop("{} may be one of your own runners.")
DOCKER = gettext_noop("It uses a container or services, which needs Docker on the VM.")


class UnreadableWorkflow(ValueError):
    """Not a workflow that we can read; str() says why, for a person."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One job. `now` is "" where it stays, and then `why` says why; else `why` may warn. `line` counts from 1."""

    job: str
    line: int
    was: str
    now: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole new text, and the change of each job."""

    text: str
    jobs: tuple[Moved, ...]

    @property
    def changes(self) -> int:
        return sum(bool(job.now) for job in self.jobs)


@dataclass(frozen=True, slots=True)
class MigrationOrder:
    """`labels`: what moved jobs get. `ours`: whether a pool takes jobs with such labels already. `every`: move jobs too
    whose labels may be those of the reader's own runners."""

    labels: Sequence[str]
    ours: Callable[[Sequence[str]], bool]
    every: bool = False


def propose(text: str, order: MigrationOrder) -> Proposal:
    """Raises UnreadableWorkflow."""
    moved, edits, seen = [], [], set()
    for key, job in _jobs(text):
        found, edit = _alias(key) if id(job) in seen else _job(text, key, job, order)
        seen.add(id(job))
        moved.append(found)
        edits += edit
    return Proposal(_apply(text, edits), tuple(moved))


def _apply(text: str, edits: Sequence[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _jobs(text: str) -> Iterator[tuple[ScalarNode, MappingNode]]:
    if "\ufffd" in text:
        raise UnreadableWorkflow(gettext("This file is not UTF-8."))
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise UnreadableWorkflow(
            gettext("This is not YAML: {problem}.").format(problem=_first_line(error))
        ) from None
    except (RecursionError, ValueError):
        raise UnreadableWorkflow(gettext("This YAML can't be read.")) from None
    jobs = _value(root, "jobs")
    if not isinstance(jobs, MappingNode):
        raise UnreadableWorkflow(gettext("This file has no jobs."))
    for key, job in jobs.value:
        if isinstance(key, ScalarNode) and isinstance(job, MappingNode):
            yield key, job


def _first_line(error: YAMLError) -> str:
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark else ""
    return f"{problem or 'it can’t be read'}{where}"


def _value(node: Node | None, wanted: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for key, value in pairs if isinstance(key, ScalarNode) and key.value == wanted), None)


def _alias(key: ScalarNode) -> tuple[Moved, list[Edit]]:
    """A job that is an alias of one before it."""
    return Moved(key.value, key.start_mark.line + 1, "", why=gettext(SHARED)), []


def _job(text: str, key: ScalarNode, job: MappingNode, order: MigrationOrder) -> tuple[Moved, list[Edit]]:
    """The change of one job, and the edit for it."""
    name, runs_on = key.value, _value(job, "runs-on")
    if runs_on is None:
        why = gettext(REUSED) if _value(job, "uses") else gettext(NO_RUNS_ON)
        return Moved(name, key.start_mark.line + 1, "", why=why), []
    start, end = _span(text, runs_on)
    was, line = " ".join(text[start:end].split()), runs_on.start_mark.line + 1
    labels = _labels(runs_on)
    if why := _uneditable_reason(text, job, runs_on, start, end) or _kept_reason(labels, order):
        return Moved(name, line, was, why=why), []
    new = _written(text, runs_on, start, order.labels)
    warning = gettext(DOCKER) if _value(job, "container") or _value(job, "services") else ""
    return Moved(name, line, was, " ".join(new.split()), warning), [(start, end, new)]


def _span(text: str, node: Node) -> tuple[int, int]:
    """From its first character to behind its last; of a list of lines, behind its last entry."""
    end = node.end_mark.index
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        end = node.value[-1].end_mark.index
    return node.start_mark.index, end


def _labels(node: Node) -> list[str]:
    if isinstance(node, SequenceNode):
        return [str(entry.value) for entry in node.value]
    return [node.value] if isinstance(node, ScalarNode) and node.value else []


def _uneditable_reason(text: str, job: MappingNode, node: Node, start: int, end: int) -> str:
    """Why its place must not be written over; "" where it may."""
    key = next(key for key, value in job.value if value is node)
    entries = node.value if isinstance(node, SequenceNode) else [node]
    if isinstance(node, MappingNode):
        return (
            gettext(EXPRESSION).format(_quoted(text[start:end]))
            if "${{" in text[start:end]
            else gettext(GROUP)
        )
    if any(entry.anchor for entry in [node, *entries]) or start < key.end_mark.index:
        return gettext(SHARED)
    if not all(isinstance(entry, ScalarNode) and entry.style in (None, "'", '"') for entry in entries):
        return gettext(ODD)
    if "${{" in text[start:end]:
        return gettext(EXPRESSION).format(_quoted(text[start:end]))
    if isinstance(node, SequenceNode) and "#" in text[start:end]:
        return gettext(COMMENTS)
    return ""


def _quoted(text: str) -> str:
    short = " ".join(text.split())
    return f"“{short if len(short) <= 80 else short[:79] + '…'}”"


def _kept_reason(labels: Sequence[str], order: MigrationOrder) -> str:
    """Why a job with these labels stays where it is; "" where it moves."""
    if not labels:
        return gettext(NO_LABEL)
    if order.ours(labels):
        return gettext(OURS)
    for label in labels:
        if ELSEWHERE.fullmatch(label) or {*re.split(r"[-_.]", label.lower())} & ARM_WORDS:
            return gettext(OTHER_SYSTEM).format(f"“{label}”")
    known = [label for label in labels if HOSTED.fullmatch(label) or label.lower() in NEUTRAL]
    unknown = [f"“{label}”" for label in labels if label not in known]
    return gettext(OF_YOURS).format(", ".join(unknown)) if unknown and not order.every else ""


def _written(text: str, node: Node, start: int, labels: Sequence[str]) -> str:
    """In the manner that it was written in: one label, a list in brackets or one a line."""
    style = _style(node)
    words = [_scalar(label, style) for label in labels]
    if isinstance(node, SequenceNode) and not node.flow_style:
        indent = text[text.rfind("\n", 0, start) + 1 : start]
        newline = "\r\n" if "\r\n" in text else "\n"
        return f"{newline}{indent}".join(f"- {word}" for word in words)
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def _style(node: Node) -> str | None:
    first = node.value[0] if isinstance(node, SequenceNode) else node
    return first.style if isinstance(first, ScalarNode) else None


def _scalar(label: str, style: str | None) -> str:
    if style == '"' or (style is None and (not PLAIN.fullmatch(label) or WORD.fullmatch(label))):
        return json.dumps(label, ensure_ascii=False)
    return f"'{label.replace(chr(39), 2 * chr(39))}'" if style == "'" else label
