"""Values that a column allows to be missing and that the state of its row promises."""

from typing import TypeVar

Value = TypeVar("Value")


def present(value: Value | None) -> Value:
    """The value itself; one that is missing breaks a promise and is an error of ours."""
    if value is None:
        raise LookupError("a value is missing that the state of its row promises")
    return value
