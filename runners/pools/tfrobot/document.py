"""The text of a tfrobot configuration, YAML or JSON -> its one document, once it is sure to be a small one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode

LARGEST = 128 * 1024  # characters
DEEPEST = 10  # a configuration has five
MOST_EVENTS = 10_000  # of the parser: about two a line, and a second in all
MOST_WRONGS = 50  # that people read


@dataclass(frozen=True, slots=True)
class Wrong:
    """What stands against one key, and what to do about it."""

    line: int
    key: str
    said: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.key}: {self.said}"


class UnreadableDocument(ValueError):
    """The file is no configuration that could be carried out; the first `wrongs` in the order of its lines."""

    def __init__(self, wrongs: Iterable[Wrong]) -> None:
        self.wrongs = sorted(wrongs, key=lambda wrong: wrong.line)[:MOST_WRONGS]
        super().__init__(". ".join(map(str, self.wrongs)))


def root(text: str) -> MappingNode:
    """Its document, where all nodes know their lines. Raises UnreadableDocument."""
    if len(text) > LARGEST:
        raise UnreadableDocument(
            [Wrong(1, "file", f"has {len(text)} characters, and at most {LARGEST} are read")]
        )
    try:
        wrong = _too_much(text)
        found = None if wrong else YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        wrong = Wrong(line, "file", f"is neither YAML nor JSON: {error.problem}")
    except (YAMLError, ValueError) as error:
        wrong = Wrong(1, "file", f"can't be read: {type(error).__name__}")
    if not wrong and not isinstance(found, MappingNode):
        wrong = Wrong(1, "file", "must say node_groups, vms and ssh_keys, each with what belongs to it")
    if wrong:
        raise UnreadableDocument([wrong])
    return cast(MappingNode, found)


def _too_much(text: str) -> Wrong | None:
    """What would cost a reader much: aliases, which make much of little, and what is nested deeply or very long."""
    depth = 0
    for number, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            return Wrong(line, f"*{event.anchor}", "aliases are not read: write it out")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST or number > MOST_EVENTS:
            return Wrong(line, "file", "holds more than any configuration of tfrobot needs")
    return None
