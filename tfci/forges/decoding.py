"""Bytes that a forge wrote, as the shapes that its dialect describes."""

from typing import Annotated, Protocol, TypeVar

import msgspec

from tfci.forges.errors import Unreachable

T = TypeVar("T")
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

PART = r"\.*[A-Za-z0-9_-][A-Za-z0-9_.-]*"  # of a repository's name, but not . or ..


class Numbered(Protocol):
    """An entry of a list whose number tells it from all others."""

    @property
    def id(self) -> int: ...


Entry = TypeVar("Entry", bound=Numbered, covariant=True)


class Malformed(Unreachable):
    """Not what this kind of forge writes."""


def decode(body: bytes, shape: type[T], title: str) -> T:
    """`title`: the forge's. Raises Malformed."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Malformed(f"This is not what {title} writes: {str(error)[:200]}.") from None


def decode_list(body: bytes, shape: type[T], title: str) -> list[T]:
    """A list of these, for which some forges write null where it is empty. Raises Malformed."""
    entries: list[T] | None = decode(body, list[shape] | None, title)  # type: ignore[arg-type, valid-type]  # a type made here
    return entries or []
