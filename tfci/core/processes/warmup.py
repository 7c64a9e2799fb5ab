"""Warm up a process before its first request or task."""

import gc
from collections.abc import Iterator

import msgspec
from django.urls import get_resolver


def warm_up() -> None:
    """Load all pages' code, and freeze it for the garbage collector: each full collection would walk it again, for a
    tenth of a second in the middle of a request."""
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
