"""A process, before its first visitor or task."""

import gc
from collections.abc import Iterator

import msgspec
from django.urls import get_resolver


def steady() -> None:
    """Load all pages' code, and take what then stands for as long as the process out of the garbage collector's
    way: each of its full rounds would walk it again, for a tenth of a second in the middle of somebody's page."""
    get_resolver().url_patterns  # noqa: B018  to ask for them loads them
    build_decoders()
    gc.collect()
    gc.freeze()


def build_decoders() -> frozenset[type[msgspec.Struct]]:
    """Have msgspec prepare each loaded structure now, in one thread. It prepares a type when the type is first decoded;
    several threads at once have crashed a process there (docs/decisions/first-decode.md). Returns the structures."""
    structures = frozenset(_below(msgspec.Struct))
    for structure in structures:
        msgspec.json.Decoder(structure)
    return structures


def _below(base: type) -> Iterator[type]:
    child: type
    for child in base.__subclasses__():
        yield child
        yield from _below(child)
