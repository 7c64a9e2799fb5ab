"""The `x-farmhand` block of a tfrobot file: a pool's own settings, for which tfrobot has no key. Pure.

tfrobot decodes its file by yaml.v3 and encoding/json, neither of them strict, so it passes over a key that it does not
know (threefoldtech/tfgrid-sdk-go 10e7b390, tfrobot/internal/parser/parser.go). robotfile.py writes it.
"""

from collections.abc import Callable, Mapping

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from runners.rules import robotkeys
from runners.rules.robotfile import Setting, Settings
from runners.rules.robotkeys import Refuse


def _texts(node: Node) -> list[str]:
    if not isinstance(node, SequenceNode):
        raise Refuse("must be a list")
    return [robotkeys.text(entry) for entry in node.value]


def _counts(node: Node) -> dict[str, int]:
    """Sizes and how many VMs of each."""
    if not isinstance(node, MappingNode):
        raise Refuse("must have sizes and numbers")
    return {robotkeys.text(key): robotkeys.whole(value) for key, value in node.value}


# The fields of a pool's form, which checks their values: here only their shape is checked.
READERS: Mapping[str, Callable[[Node], Setting]] = {
    "name": robotkeys.text,
    "connections": _texts,
    "repositories": _texts,
    "anchors": _texts,
    "node_ids": _texts,
    "farms": _texts,
    "countries": _texts,
    "regions": _texts,
    "certified": robotkeys.yes,
    "min_success_percent": robotkeys.whole,
    "max_price": robotkeys.text,
    "pack": robotkeys.yes,
    "min_distinct_nodes": robotkeys.whole,
    "sizes": _texts,
    "default_size": robotkeys.text,
    "min_vms": _counts,
    "max_vms": robotkeys.whole,
    "max_job_minutes": robotkeys.whole,
    "linger_minutes": robotkeys.whole,
    "cpu_target": robotkeys.whole,
    "cpu_minutes": robotkeys.whole,
    "protection": robotkeys.text,
    "reuse": robotkeys.text,
    "container_image": robotkeys.text,
    "rerun_lost": robotkeys.yes,
    "arm64_emulated": robotkeys.yes,
}
# What tfrobot has a key for, so that it keeps at least a part of it.
SHARED = frozenset({"name", "certified", "regions", "min_distinct_nodes", "sizes", "min_vms"})


def ignored_by_tfrobot(settings: Settings, default: Settings) -> list[str]:
    """The names of settings that tfrobot has no key for and that differ from a new pool's."""
    return [key for key in READERS if key not in SHARED and settings.get(key) != default.get(key)]
