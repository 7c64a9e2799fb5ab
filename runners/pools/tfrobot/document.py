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
MAX_ERRORS = 50  # that people read


@dataclass(frozen=True, slots=True)
class DocumentError:
    """What stands against one key, and what to do about it."""

    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.key}: {self.message}"


class UnreadableDocument(ValueError):
    """The file is no configuration that could be carried out; the first `errors` in the order of its lines."""

    def __init__(self, errors: Iterable[DocumentError]) -> None:
        self.errors = sorted(errors, key=lambda error: error.line)[:MAX_ERRORS]
        super().__init__(". ".join(map(str, self.errors)))


def root(text: str) -> MappingNode:
    """Its document, where all nodes know their lines. Raises UnreadableDocument."""
    if len(text) > LARGEST:
        raise UnreadableDocument(
            [DocumentError(1, "file", f"has {len(text)} characters, and at most {LARGEST} are read")]
        )
    try:
        error_found = _too_much(text)
        found = None if error_found else YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        error_found = DocumentError(line, "file", f"is neither YAML nor JSON: {error.problem}")
    except (YAMLError, ValueError) as error:
        error_found = DocumentError(1, "file", f"can't be read: {type(error).__name__}")
    if not error_found and not isinstance(found, MappingNode):
        error_found = DocumentError(
            1, "file", "must say node_groups, vms and ssh_keys, each with what belongs to it"
        )
    if error_found:
        raise UnreadableDocument([error_found])
    return cast(MappingNode, found)


def _too_much(text: str) -> DocumentError | None:
    """What would cost a reader much: aliases, which make much of little, and what is nested deeply or very long."""
    depth = 0
    for number, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            return DocumentError(line, f"*{event.anchor}", "aliases are not read: write it out")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST or number > MOST_EVENTS:
            return DocumentError(line, "file", "holds more than any configuration of tfrobot needs")
    return None
