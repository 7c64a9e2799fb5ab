"""Calls and notices as JSON, and back."""

from dataclasses import fields, is_dataclass
from typing import Any

from practice.chain.calls import CALLS
from practice.chain.notices import NOTICES, Resources

KINDS = {kind.__name__: kind for kind in (*CALLS, *NOTICES, Resources)}


def written(value: object) -> Any:
    """Each value of a class says of which."""
    if is_dataclass(value):
        values = {field.name: written(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **values}
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case frozenset():
            return {"set": sorted(value)}
        case tuple():
            return [written(each) for each in value]
    return value


def read(data: Any) -> Any:
    """Raises LookupError for a class that is no call and no notice."""
    match data:
        case {"is": kind}:
            return KINDS[kind](**{name: read(value) for name, value in data.items() if name != "is"})
        case {"bytes": digits}:
            return bytes.fromhex(digits)
        case {"set": values}:
            return frozenset(values)
        case list():
            return tuple(read(each) for each in data)
    return data
