"""The `x-farmhand` block of a tfrobot file: a pool's own settings, for which tfrobot has no key. Pure.

tfrobot decodes its file by yaml.v3 and encoding/json, neither of them strict, so it passes over a key that it does not
know (threefoldtech/tfgrid-sdk-go 10e7b390, tfrobot/internal/parser/parser.go). pools/tfrobot/writer.py writes it.
"""

from collections.abc import Callable, Mapping

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from runners.pools.tfrobot import keys
from runners.pools.tfrobot.keys import Refuse
from runners.pools.tfrobot.writer import Setting, Settings


def _texts(node: Node) -> list[str]:
    if not isinstance(node, SequenceNode):
        raise Refuse("must be a list")
    return [keys.text(entry) for entry in node.value]


def _counts(node: Node) -> dict[str, int]:
    """Sizes and how many VMs of each."""
    if not isinstance(node, MappingNode):
        raise Refuse("must have sizes and numbers")
    return {keys.text(key): keys.whole(value) for key, value in node.value}


def _rows(node: Node) -> list[dict[str, str | list[str]]]:
    """Rows of a schedule; keys and values are the form's to check."""
    if not isinstance(node, SequenceNode) or not all(isinstance(row, MappingNode) for row in node.value):
        raise Refuse("must be a list of rows with size, vms, weekdays, from_hour and to_hour")
    return [
        {
            keys.text(key): _texts(value) if isinstance(value, SequenceNode) else keys.text(value)
            for key, value in row.value
        }
        for row in node.value
    ]


# The fields of a pool's form, which checks their values: here only their shape is checked.
READERS: Mapping[str, Callable[[Node], Setting]] = {
    "name": keys.text,
    "connections": _texts,
    "repositories": _texts,
    "anchors": _texts,
    "node_ids": _texts,
    "farms": _texts,
    "countries": _texts,
    "regions": _texts,
    "certified": keys.yes,
    "min_success_percent": keys.whole,
    "max_price": keys.text,
    "pack": keys.yes,
    "min_distinct_nodes": keys.whole,
    "sizes": _texts,
    "default_size": keys.text,
    "min_vms": _counts,
    "schedule": _rows,
    "max_vms": keys.whole,
    "max_job_minutes": keys.whole,
    "linger_minutes": keys.whole,
    "cpu_target": keys.whole,
    "cpu_minutes": keys.whole,
    "protection": keys.text,
    "reuse": keys.text,
    "container_image": keys.text,
    "rerun_lost": keys.yes,
    "end_jobs_at_limit": keys.yes,
    "arm64_emulated": keys.yes,
}
# What tfrobot has a key for, so that it keeps at least a part of it.
SHARED = frozenset({"name", "certified", "regions", "min_distinct_nodes", "sizes", "min_vms"})


def ignored_by_tfrobot(settings: Settings, default: Settings) -> list[str]:
    """The names of settings that tfrobot has no key for and that differ from a new pool's."""
    return [key for key in READERS if key not in SHARED and settings.get(key) != default.get(key)]
