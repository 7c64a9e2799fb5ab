"""Reasons: codes with parameters, and the sentence that each becomes where people read it. Pure.

Rows store a code and its parameters; decisions, filters and groups use these alone. A family of reasons is a class with
a `known` of its own; each reason of it is a subclass with a code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Self

from tfci.core.untyped import Json


class Owner(StrEnum):
    """Whose it is: who or what would have to change."""

    FORGE = "forge"
    FARMHAND = "farmhand"
    GRID = "grid"
    VM = "vm"
    CODE = "code"
    TEAM = "team"
    OPERATOR = "operator"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Reason:
    """Its fields are its parameters, fit for JSON. `sentence` names the parameters in braces; a reason
    that needs more than that has a __str__. One without parameters needs no @dataclass."""

    known: ClassVar[dict[str, Any]] = {}  # code -> class; each family says which classes
    code: ClassVar[StrEnum]
    owner: ClassVar[Owner] = Owner.FARMHAND
    severity: ClassVar[Severity] = Severity.INFO
    sentence: ClassVar[str] = ""
    advice: ClassVar[str] = ""  # what to do about it, as a sentence

    def __init_subclass__(cls) -> None:
        if "code" in vars(cls):  # @dataclass makes a class with slots anew: the second one counts
            other = cls.known.setdefault(cls.code, cls)
            if other.__qualname__ != cls.__qualname__:
                raise TypeError(f"{other.__qualname__} and {cls.__qualname__} have the code {cls.code}")
            cls.known[cls.code] = cls

    def __str__(self) -> str:
        return self.sentence.format_map(self.params)

    @property
    def full_sentence(self) -> str:
        """By itself: with a capital and a full stop."""
        text = str(self)
        return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"

    @property
    def params(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def read(cls, params: Mapping[str, Any] | None) -> Self:
        """As they were stored; what a later version stored besides is left out."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: _frozen(value) for name, value in (params or {}).items() if name in names})

    @classmethod
    def anchor(cls) -> str:
        """Of its entry in the manual."""
        return str(cls.code)


class OtherCode(StrEnum):
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Other(Reason):
    """A sentence of a row from before there were codes."""

    code = OtherCode.OTHER
    text: str

    def __str__(self) -> str:
        return self.text


def columns(reason: Reason | None, name: str = "reason") -> dict[str, Any]:
    """What a row stores of it, for `update(**columns(reason))`; `name`: of the column with the code."""
    if reason is None:
        return {name: "", f"{name}_params": None}
    return {name: str(reason.code), f"{name}_params": reason.params or None}


def _frozen(value: Json) -> Json:
    """JSON has lists only: tuples are what a reason can be compared and hashed with."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
