"""A tfrobot configuration, YAML or JSON -> node groups as pools know them, and what became of each key. Pure.

All that tfrobot refuses is refused here too, with the line and what to do; writer.py says where its rules
stand.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from runners.jobs.labels import Size
from runners.pools.tfrobot import block as tfrobot_block, keys as tfrobot_keys
from runners.pools.tfrobot.document import DocumentError, UnreadableDocument, root
from runners.pools.tfrobot.writer import BLOCK, NodeGroup, Settings

T = TypeVar("T")

MAX_ENTRIES = {"node_groups": 50, "vms": 100}  # entries of a file
SMALLEST_ROOT = 2  # GB that a VM has where its file says 0

Did = Literal["taken", "translated", "ignored"]


@dataclass(frozen=True, slots=True)
class KeyLine:
    """What became of one key. Lines count from 1."""

    line: int
    key: str
    did: Did
    said: str


@dataclass(frozen=True, slots=True)
class Read:
    """`at`: the line on which each group begins, in their order."""

    groups: list[NodeGroup]
    lines: list[KeyLine]
    at: list[int]


def read(text: str) -> Read:
    """Raises UnreadableDocument with what is wrong, many mistakes at once."""
    return _Reading(root(text)).all()


@dataclass(frozen=True, slots=True)
class _Key:
    """One value of the file, where it stands. `node` is None where it is missing: then `line` is its parent's."""

    path: str
    line: int
    node: Node | None


UNKNOWN = "tfrobot has no such key"
IN_BLOCK = f"the settings under {BLOCK} are used instead"


@dataclass(slots=True)
class _Vms:
    """One entry of `vms`, read."""

    at: _Key
    group: str
    size: Size
    count: int
    memory: float
    disk: int
    public: dict[str, bool]


@dataclass(slots=True)
class _Node:
    """One entry of `node_groups`, read."""

    at: _Key
    values: dict[str, Any]
    keys: dict[str, _Key]
    vms: list[_Vms] = field(default_factory=list)


class _Reading:
    """One file. What is wrong is gathered, so that people read all of it at once."""

    def __init__(self, root: MappingNode) -> None:
        self.root = root
        self.lines: list[KeyLine] = []
        self.errors: list[DocumentError] = []

    def all(self) -> Read:
        top = self.keys(_Key("", 1, self.root))
        self.values(top, tfrobot_keys.TOP, ("node_groups", "vms", "ssh_keys", BLOCK))
        blocks = self.blocks(top)
        nodes = [self.node(at) for at in self.entries(top, "node_groups")]
        keys = self.ssh_keys(top)
        vms = [self.vms(at, keys) for at in self.entries(top, "vms")]
        if not self.errors:
            self.together(nodes, vms)
        if self.errors:
            raise UnreadableDocument(self.errors)
        used = [node for node in nodes if node.vms]
        groups = [_as_group(node, blocks.get(node.values["name"])) for node in used]
        self.lines = sorted(self.replaced(used, blocks), key=lambda line: line.line)
        return Read(groups, self.lines, [node.at.line for node in used])

    def add_error(self, at: _Key, message: str) -> None:
        self.errors.append(DocumentError(at.line, at.path, message))

    def add_line(self, at: _Key, did: Did, text: str) -> None:
        if at.node is not None:
            self.lines.append(KeyLine(at.line, at.path, did, text))

    def keys(self, at: _Key) -> dict[str, _Key]:
        """A mapping's values by their keys; each key once."""
        found: dict[str, _Key] = {}
        if at.node is not None and not isinstance(at.node, MappingNode):
            self.add_error(at, "must have keys and values")
            return found
        for key, value in at.node.value if at.node is not None else ():
            name = str(key.value)[:60]
            here = _Key(f"{at.path}.{name}" if at.path else name, key.start_mark.line + 1, value)
            if name in found:
                self.add_error(here, "appears twice: keep one")
            found[name] = here
        return found

    def entries(self, keys: dict[str, _Key], name: str) -> list[_Key]:
        """A list that must have something in it, and no more than MOST."""
        at = keys.get(name, _Key(name, 1, None))
        if not isinstance(at.node, SequenceNode) or not at.node.value:
            self.add_error(at, "must be a list with at least one entry")
            return []
        if len(at.node.value) > MAX_ENTRIES[name]:
            message = f"has {len(at.node.value)} entries; the maximum is {MAX_ENTRIES[name]}: split the file"
            self.add_error(at, message)
            return []
        return [
            _Key(f"{name}[{number}]", entry.start_mark.line + 1, entry)
            for number, entry in enumerate(at.node.value)
        ]

    def value(self, keys: dict[str, _Key], name: str, parent: _Key, reader: Callable[..., T]) -> T | None:
        """One value; None where it is wrong."""
        at = keys.get(name) or _Key(f"{parent.path}.{name}", parent.line, None)
        try:
            return reader(at.node)
        except tfrobot_keys.Refuse as refused:
            self.add_error(at, str(refused))
            return None

    def values(self, keys: dict[str, _Key], table: dict[str, Any], others: Iterable[str]) -> dict[str, Any]:
        """Values of the keys of a table that are there, with a line for each; unknown ones are passed over."""
        parent = _Key("", 1, None)
        found = {}
        for name, at in keys.items():
            if name in table:
                reader, did, why = table[name]
                found[name] = self.value(keys, name, parent, reader)
                self.add_line(at, did, why)
            elif name not in others:
                self.add_line(at, "ignored", UNKNOWN)
        return found

    def required(
        self, keys: dict[str, _Key], table: dict[str, Any], parent: _Key, names: Iterable[str]
    ) -> None:
        """Those that tfrobot can't do without, and which are not there."""
        for name in names:
            if name not in keys:
                self.value(keys, name, parent, table[name][0])

    def blocks(self, top: dict[str, _Key]) -> dict[str, Settings]:
        """A pool's own settings, by the name of its group."""
        groups = self.keys(top.get(BLOCK, _Key(BLOCK, 1, None)))
        return {name: self.block(at) for name, at in groups.items()}

    def block(self, at: _Key) -> Settings:
        settings = {}
        for name, entry in self.keys(at).items():
            if reader := tfrobot_block.READERS.get(name):
                settings[name] = self.value({name: entry}, name, at, reader)
                self.add_line(entry, "taken", "a setting of the pool")
            else:
                self.add_line(entry, "ignored", "Farmhand has no such setting")
        return settings

    def replaced(self, used: list[_Node], blocks: dict[str, Settings]) -> Iterable[KeyLine]:
        """The lines, those of a group that has a block as not taken."""
        with_block = [node for node in used if node.values["name"] in blocks]
        parts = tuple(f"{at.path}." for node in with_block for at in (node.at, *(vms.at for vms in node.vms)))
        for line in self.lines:
            used_instead = line.key.startswith(parts) and line.did != "ignored"
            yield replace(line, did="ignored", said=IN_BLOCK) if used_instead else line

    def node(self, at: _Key) -> _Node:
        keys = self.keys(at)
        values = self.values(keys, tfrobot_keys.GROUP, ())
        self.required(keys, tfrobot_keys.GROUP, at, ("name", "nodes_count", "free_cpu", "free_mru"))
        return _Node(at, values, keys)

    def ssh_keys(self, top: dict[str, _Key]) -> set[str]:
        at = top.get("ssh_keys", _Key("ssh_keys", 1, None))
        if not isinstance(at.node, MappingNode):
            self.add_error(at, "must name at least one public key")
            return set()
        keys = self.keys(at)
        for name in keys:
            self.value(keys, name, at, tfrobot_keys.ssh_key)
            self.add_line(keys[name], "ignored", tfrobot_keys.NO_KEY)
        return set(keys)

    def vms(self, at: _Key, ssh_keys: set[str]) -> _Vms:
        keys = self.keys(at)
        values = self.values(keys, tfrobot_keys.VMS, ("ssd", "volume", "env_vars"))
        needed = ("name", "vms_count", "node_group", "cpu", "mem", "flist", "entry_point", "ssh_key")
        self.required(keys, tfrobot_keys.VMS, at, needed)
        if (name := values.get("ssh_key")) and name not in ssh_keys:
            self.add_error(keys["ssh_key"], f"there is no key “{name[:40]}” under ssh_keys")
        disks = sum(self.disks(keys, name) for name in ("ssd", "volume"))
        disk = (values.get("root_size") or 0) + disks
        self.variables(keys)
        memory = values.get("mem") or 0
        if memory != math.ceil(memory):
            self.add_line(keys["mem"], "translated", f"rounded up to {math.ceil(memory)} GB")
        size = Size(values.get("cpu") or 0, math.ceil(memory), max(disk, SMALLEST_ROOT))
        public = {name: bool(values.get(name)) for name in ("public_ip4", "public_ip6")}
        return _Vms(
            at, values.get("node_group") or "", size, values.get("vms_count") or 0, memory, disk, public
        )

    def disks(self, keys: dict[str, _Key], name: str) -> int:
        """GB of the entries of `ssd` or `volume`."""
        at = keys.get(name)
        if at is None or (isinstance(at.node, ScalarNode) and not tfrobot_keys.text(at.node)):
            return 0
        self.add_line(at, "translated", "part of the one disk")
        if not isinstance(at.node, SequenceNode):
            self.add_error(at, "must be a list")
            return 0
        return sum(self.disk(at, number, entry) for number, entry in enumerate(at.node.value))

    def disk(self, at: _Key, number: int, entry: Node) -> int:
        here = _Key(f"{at.path}[{number}]", entry.start_mark.line + 1, entry)
        keys = self.keys(here)
        self.value(keys, "mount_point", here, tfrobot_keys.needed)
        return self.value(keys, "size", here, tfrobot_keys.disk) or 0

    def variables(self, keys: dict[str, _Key]) -> None:
        """Never shown: people keep secrets there."""
        if at := keys.get("env_vars"):
            self.keys(at)
            self.add_line(at, "ignored", "a job’s variables and secrets come from its forge")

    def together(self, nodes: list[_Node], vms: list[_Vms]) -> None:
        """What only the whole file shows: names, and whether each group's VMs fit into it."""
        by_name: dict[str, _Node] = {}
        for node in nodes:
            if node.values["name"] in by_name:
                self.add_error(node.keys["name"], "is also the name of another group")
            by_name[node.values["name"]] = node
        for entry in vms:
            if entry.group in by_name:
                by_name[entry.group].vms.append(entry)
            else:
                where = replace(entry.at, path=f"{entry.at.path}.node_group")
                self.add_error(where, f"there is no group “{entry.group[:40]}” under node_groups")
        for node in nodes:
            self.fits(node)
            if not node.vms:
                self.add_line(node.at, "ignored", "no entry of vms belongs to it")

    def fits(self, node: _Node) -> None:
        """As tfrobot reckons: the most processors of one VM, all else of all VMs together."""
        values, vms, nodes = node.values, node.vms, node.values["nodes_count"]
        self.enough(
            node, "free_cpu", max((one.size.cpu for one in vms), default=0), values["free_cpu"], "processors"
        )
        memory = sum(one.memory * one.count for one in vms)
        self.enough(node, "free_mru", memory, values["free_mru"] * nodes, "GB of memory in all")
        disk = sum(one.disk * one.count for one in vms)
        self.enough(node, "free_ssd", disk, (values.get("free_ssd") or 0) * nodes, "GB of disk in all")
        for kind in ("public_ip4", "public_ip6"):
            needed = sum(one.count for one in vms if one.public[kind])
            self.enough(node, kind, needed, nodes if values.get(kind) else 0, "public addresses")

    def enough(self, node: _Node, key: str, needed: float, there: float, unit: str) -> None:
        if needed > there:
            at = node.keys.get(key) or replace(node.at, path=f"{node.at.path}.{key}")
            self.add_error(at, f"its VMs need {needed:g} {unit}, and the group offers {there:g}")


def _as_group(node: _Node, settings: Settings | None) -> NodeGroup:
    vms: dict[Size, int] = {}
    for entry in node.vms:
        vms[entry.size] = vms.get(entry.size, 0) + entry.count
    values = node.values
    return NodeGroup(
        values["name"],
        vms,
        values["nodes_count"],
        bool(values.get("certified")),
        values.get("region") or "",
        settings,
    )
