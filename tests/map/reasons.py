"""The manual's page of reasons, made from the catalogue and its samples."""

from collections.abc import Iterator

from runners.reasons import catalogue, nodes
from tests.runners.reasons.samples import ALL
from tfci.accounts.audit_actions import TEXTS
from tfci.core.reasons import Other, Reason

HEAD = """# Reasons

After reading this page, you know what each reason means, who can act on it, and which code a script can decide by.

Pages show a reason as a sentence. The [API](api.md) answers `reason` with a `code`, its `params`, the `text` and the
`owner`. Decide by the code, because sentences may change at any time. Below, each code has an example of its sentence,
its owner, its parameters, and what to do if there is something to do. Amounts in `params` are in 1e-7 TFT. This page
is made from the code by `make map`.
"""
TITLES = {
    "jobs": "Jobs",
    "waits": "Jobs and VMs that wait for capacity",
    "labels": "Labels that can't be served",
    "ends": "Failed jobs",
    "reruns": "Automatic retries",
    "logs": "Logs that can't be shown",
    "pools": "Decisions of pools",
    "vms": "VMs: what they wait for, and why they end",
    "servers": "Servers without a VM",
    "connections": "Connections: health",
    "deliveries": "Connections: webhooks and scale sets",
    "findings": "Connections: results of a check",
    "problems": "Connections: problems",
    "grid": "Answers of the grid",
    "refusals": "Debug access and VMs that can't be retired",
    "withdrawals": "Withdrawals",
    "money": "Money: what the operator sees",
    "own_twins": "Own twins",
}
OWNERS = {"forge": "the forge", "farmhand": "Farmhand", "grid": "the grid", "vm": "the VM"}
OWNERS |= {"code": "your code", "team": "your team", "operator": "the operator"}


def page() -> str:
    return "\n".join([HEAD, *_families(), *_nodes(), *_actions()])


def _families() -> Iterator[str]:
    for name, samples in ALL.items():
        yield f"## {TITLES.get(name, name.capitalize())}\n"
        shown = {reason.code: reason for reason, _ in reversed(samples)}
        for code in catalogue.FAMILIES[name].known:
            yield _entry(shown[code])
    yield "## Entries of older versions\n"
    yield _entry(Other("the sentence of that version"))


def _entry(reason: Reason) -> str:
    lines = [f"### `{reason.code}`", "", f"> {reason}", "", f"Owner: {OWNERS[reason.owner]}."]
    if reason.params:
        lines[-1] += f" Parameters: {', '.join(f'`{name}`' for name in reason.params)}."
    return "\n".join([*lines, *([reason.advice] if reason.advice else []), ""])


def _nodes() -> Iterator[str]:
    """Not headings: rows never store them, and their codes may be those of others."""
    yield "## Nodes\n"
    yield "Why a node is not used, as `out` of `no_node_now` and `no_node_fits` counts them: `[code, number, nodes]`.\n"
    yield "| code | example | owner |\n| --- | --- | --- |"
    for code in nodes.NodeCode:
        reason = nodes.read(code, 8)
        yield f"| `{code}` | {reason} | {OWNERS[reason.owner]} |"
    yield ""


def _actions() -> Iterator[str]:
    yield "## The audit log\n"
    yield "| action | sentence | kind |\n| --- | --- | --- |"
    for action, text in TEXTS.items():
        yield f"| `{action}` | {text.sentence.replace('{on}', '…')} | `{text.verb}` |"
