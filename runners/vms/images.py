"""What a VM's image says of itself, and what of it has grown too old. Pure.

GitHub gives no jobs to a runner program older than 30 days (reference/forges.md 2.3); others don't mind, yet what an
image brings along wants its security updates.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

OLD = timedelta(days=14)
ENGINE_OLD = timedelta(days=30)
ENGINES = 20  # of one image
LONG = 100  # characters of one fact
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC) for year in (2000, 2100))  # what else it says is no moment


def read(said: object) -> dict[str, Any] | None:
    """Of what a VM says of its image that which we use, each fact as bounded text; None where it is no image.
    Whoever is root there may say anything."""
    if not isinstance(said, Mapping) or _moment(said.get("built_at")) is None:
        return None
    base, listed = said.get("base"), said.get("engines")
    engines = [
        _facts(one, "engine", "version", "released")
        for one in (listed[:ENGINES] if isinstance(listed, list) else ())
        if isinstance(one, Mapping)
    ]
    facts = _facts(base if isinstance(base, Mapping) else {}, "distribution", "release")
    return {"built_at": said["built_at"][:LONG], "engines": engines} | facts


def built_at(image: Mapping[str, Any] | None) -> datetime | None:
    """None where the VM has not told."""
    return _moment(image["built_at"]) if image else None


def warnings(image: Mapping[str, Any] | None, now: datetime) -> list[str]:
    """What should be renewed, a sentence each."""
    built = built_at(image)
    if image is None or built is None:
        return []
    old = (
        [f"The image is {_days(now - built)} old. Rebuild it to get security updates."]
        if now - built > OLD
        else []
    )
    return old + [f"{told}." for engine in image["engines"] if (told := _aged(engine, now))]


def why_refused(image: Mapping[str, Any] | None, engine: str, floor: str, now: datetime) -> str:
    """Why a forge that wants its runner fresh would take none of this image; "" where it may, or nothing is known.
    `floor`: the oldest version that it takes at all."""
    for one in image["engines"] if image else ():
        if one["engine"] == engine:
            below = _version(one["version"]) and _version(one["version"]) < _version(floor)
            return f"its runner is {one['version']}; the minimum is {floor}" if below else _aged(one, now)
    return ""


def _aged(engine: Mapping[str, Any], now: datetime) -> str:
    released = _moment(engine["released"])
    if released is None or now - released <= ENGINE_OLD:
        return ""
    return (
        f"the engine {engine['engine']} {engine['version']} is {_days(now - released)} old: rebuild the image"
    )


def _facts(said: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: _text(said.get(name)) for name in names}


def _text(said: object) -> str:
    """As PostgreSQL takes it."""
    return said.replace("\x00", "")[:LONG] if isinstance(said, str) else ""


def _moment(text: object) -> datetime | None:
    try:
        told = datetime.fromisoformat(text[:LONG]) if isinstance(text, str) and text else None
    except ValueError:
        return None
    told = told and told.replace(tzinfo=told.tzinfo or UTC)
    return told if told and FIRST <= told < LAST else None


def _version(text: str) -> tuple[int, ...]:
    """() where it is none."""
    parts = text.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()


def _days(age: timedelta) -> str:
    return f"{age // timedelta(days=1)} days"
