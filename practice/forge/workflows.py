"""Workflow files: does an event start it, and which jobs does it have (matrix, labels, needs, group)."""

import io
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from practice.forge.expressions import as_text, fill

FOLDER = ".gitea/workflows"
ENDINGS = (".yml", ".yaml")


class Invalid(Exception):
    """The file is no workflow; str() says why."""


@dataclass(frozen=True, slots=True)
class Group:
    """A concurrency group; `cancels`: what is in progress in it is cancelled for the new one."""

    name: str = ""
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class JobPlan:
    key: str
    name: str
    labels: tuple[str, ...]
    needs: tuple[str, ...]
    has_if: bool
    steps: tuple[str, ...]
    group: Group
    text: str  # the workflow with this job alone, as its runner gets it


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    group: Group
    jobs: tuple[JobPlan, ...]


def parse(text: str) -> dict[str, Any]:
    """The workflow as written. Raises Invalid."""
    try:
        workflow = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise Invalid(" ".join(str(error).split())) from error
    if not isinstance(workflow, dict) or not isinstance(workflow.get("on"), (str, list, dict)):
        raise Invalid("a workflow needs `on` and `jobs`")
    jobs = workflow.get("jobs")
    if not isinstance(jobs, dict) or not jobs:
        raise Invalid("a workflow needs at least one job under `jobs`")
    for key, job in jobs.items():
        _check_job(str(key), job)
    return workflow


def _check_job(key: str, job: Any) -> None:
    if not isinstance(job, dict):
        raise Invalid(f"the job {key} is no mapping")
    steps, strategy = job.get("steps") or [], job.get("strategy") or {}
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise Invalid(f"the steps of the job {key} are no list of mappings")
    if not isinstance(strategy, dict):
        raise Invalid(f"the strategy of the job {key} is no mapping")
    matrix = strategy.get("matrix")
    if not isinstance(matrix, dict):
        return
    for part in ("include", "exclude"):
        cells = matrix.get(part) or []
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise Invalid(f"{part} of the matrix of the job {key} is no list of mappings")


def triggers(workflow: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Events that start the workflow, each with its filters."""
    on = workflow["on"]
    if isinstance(on, str):
        return {on: {}}
    if isinstance(on, list):
        return {str(event): {} for event in on}
    return {str(event): filters if isinstance(filters, dict) else {} for event, filters in on.items()}


def started_by_push(workflow: dict[str, Any], branch: str, paths: list[str]) -> bool:
    filters = triggers(workflow).get("push")
    if filters is None or ("tags" in filters and "branches" not in filters):
        return False
    if "branches" in filters and not _any_match([branch], filters["branches"]):
        return False
    if "branches-ignore" in filters and _any_match([branch], filters["branches-ignore"]):
        return False
    if "paths" in filters and not _any_match(paths, filters["paths"]):
        return False
    ignored = filters.get("paths-ignore")
    return ignored is None or any(not _any_match([path], ignored) for path in paths)


def plan(workflow: dict[str, Any], context: Mapping[str, Any], default_title: str) -> Plan:
    """All jobs that a run of the workflow has, in the order of the file, each cell of a matrix by name."""
    jobs = [
        _job(workflow, key, job, cell, context)
        for key, job in workflow["jobs"].items()
        for cell in _cells(job)
    ]
    title = fill(str(workflow.get("run-name") or ""), context) or default_title
    return Plan(title, _group(workflow.get("concurrency"), context), tuple(jobs))


def _job(
    workflow: dict[str, Any], key: str, job: dict[str, Any], cell: dict[str, Any], context: Mapping[str, Any]
) -> JobPlan:
    context = {**context, "matrix": cell}
    name = str(job.get("name") or key)
    if cell:
        name = fill(name, context) if "${{" in name else f"{name} {_cell_name(cell)}"
    labels = tuple(fill(label, context) for label in written_labels(job))
    steps = tuple(_step_name(step) for step in job.get("steps") or [])
    return JobPlan(
        key, name, labels, _needs(job), bool(str(job.get("if") or "")), steps,
        _group(job.get("concurrency"), context), _alone(workflow, key, job, name, labels, cell),
    )  # fmt: skip


def written_labels(job: dict[str, Any]) -> list[str]:
    """runs-on as text, list, or {group, labels}: there the group comes last."""
    runs_on = job.get("runs-on")
    if isinstance(runs_on, dict):
        group = [str(runs_on["group"])] if runs_on.get("group") else []
        return _texts(runs_on.get("labels")) + group
    return _texts(runs_on)


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [as_text(item) for item in value] if isinstance(value, list) else [as_text(value)]


def _needs(job: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_texts(job.get("needs")))


def _cells(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of the matrix in the order of their names, [{}] without one."""
    matrix = (job.get("strategy") or {}).get("matrix")
    if not isinstance(matrix, dict):
        return [{}]
    axes = {
        name: values if isinstance(values, list) else [values]
        for name, values in matrix.items()
        if name not in ("include", "exclude")
    }
    products = itertools.product(*axes.values()) if axes else []
    cells = [dict(zip(axes, values, strict=True)) for values in products]
    cells = [cell for cell in cells if not any(_within(out, cell) for out in matrix.get("exclude") or [])]
    for extra in matrix.get("include") or []:
        fits = [cell for cell in cells if all(cell.get(k, v) == v for k, v in extra.items() if k in axes)]
        for cell in fits if axes else []:
            cell.update(extra)
        if not fits or not axes:
            cells.append(dict(extra))
    return sorted(cells, key=_cell_name) or [{}]


def _within(part: dict[str, Any], cell: dict[str, Any]) -> bool:
    return all(cell.get(name) == value for name, value in part.items())


def _cell_name(cell: dict[str, Any]) -> str:
    return "(" + ", ".join(as_text(cell[name]) for name in sorted(cell)) + ")"


def _group(raw: Any, context: Mapping[str, Any]) -> Group:
    if isinstance(raw, dict):
        cancels = fill(as_text(raw.get("cancel-in-progress", False)), context) == "true"
        return Group(fill(as_text(raw.get("group", "")), context), cancels)
    return Group(fill(as_text(raw), context)) if raw else Group()


def _step_name(step: dict[str, Any]) -> str:
    return str(step.get("name") or step.get("uses") or step.get("run") or step.get("id") or "").strip()


def _alone(
    workflow: dict[str, Any],
    key: str,
    job: dict[str, Any],
    name: str,
    labels: tuple[str, ...],
    cell: dict[str, Any],
) -> str:
    """The workflow with one job, its needs erased and its matrix narrowed to one cell."""
    kept = {k: v for k, v in job.items() if k not in ("name", "runs-on", "needs", "concurrency", "strategy")}
    single = {"name": name, "runs-on": labels[0] if len(labels) == 1 else list(labels), **kept}
    if cell:
        strategy = {k: v for k, v in (job.get("strategy") or {}).items() if k != "matrix"}
        single["strategy"] = {**strategy, "matrix": {k: [v] for k, v in cell.items()}}
    head: dict[str, Any] = {"name": workflow["name"]} if workflow.get("name") else {}
    head |= {k: workflow[k] for k in ("on", "env", "defaults", "permissions") if k in workflow}
    return _dump({**head, "jobs": {key: single}})


def _dump(workflow: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.indent(mapping=4, sequence=6, offset=4)
    yaml.width = 4096
    out = io.StringIO()
    yaml.dump(_styled(workflow), out)
    return out.getvalue()


def _styled(value: Any) -> Any:
    """As Gitea writes it: lines as a literal block, quotes where YAML 1.1 would read a truth value. A block that
    begins blank would need a number for its indent, which ruamel gets wrong with ours: that is quoted as well."""
    if isinstance(value, dict):
        return {_styled(key): _styled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_styled(item) for item in value]
    if isinstance(value, str) and "\n" in value:
        return DoubleQuotedScalarString(value) if value[0].isspace() else LiteralScalarString(value)
    return DoubleQuotedScalarString(value) if value in ("on", "off", "yes", "no", "y", "n") else value


def _any_match(names: list[str], patterns: Any) -> bool:
    """A later `!pattern` takes back what an earlier one gave."""
    return any(_matches(name, _texts(patterns)) for name in names)


def _matches(name: str, patterns: list[str]) -> bool:
    hit = False
    for pattern in patterns:
        if glob(pattern.removeprefix("!")).fullmatch(name):
            hit = not pattern.startswith("!")
    return hit


def glob(pattern: str) -> re.Pattern[str]:
    """`**` crosses folders, `*` and `?` do not."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(parts.get(piece) or re.escape(piece) for piece in pieces))
