"""What a VM's image reports of itself, and which parts are outdated. Pure.

GitHub gives no jobs to a runner program older than 30 days (reference/forges.md 2.3); others don't mind, yet what an
image brings along wants its security updates.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

MAX_AGE = timedelta(days=14)
MAX_ENGINE_AGE = timedelta(days=30)
MAX_ENGINES = 20  # of one image
MAX_LENGTH = 100  # characters of one fact
FIRST, LAST = (
    datetime(year, 1, 1, tzinfo=UTC) for year in (2000, 2100)
)  # any other value is not a valid time


def read(report: object) -> dict[str, Any] | None:
    """The facts that we use of a VM's report on its image, each as bounded text; None where it is not valid.
    Whoever is root in the VM can send anything."""
    if not isinstance(report, Mapping) or _moment(report.get("built_at")) is None:
        return None
    base, listed = report.get("base"), report.get("engines")
    engines = [
        _facts(one, "engine", "version", "released")
        for one in (listed[:MAX_ENGINES] if isinstance(listed, list) else ())
        if isinstance(one, Mapping)
    ]
    facts = _facts(base if isinstance(base, Mapping) else {}, "distribution", "release")
    return {"built_at": report["built_at"][:MAX_LENGTH], "engines": engines} | facts


def built_at(image: Mapping[str, Any] | None) -> datetime | None:
    """None where the VM has not reported it."""
    return _moment(image["built_at"]) if image else None


def warnings(image: Mapping[str, Any] | None, now: datetime) -> list[str]:
    """What should be renewed, a sentence each."""
    built = built_at(image)
    if image is None or built is None:
        return []
    old = (
        [f"The image is {_days(now - built)} old. Rebuild it to get security updates."]
        if now - built > MAX_AGE
        else []
    )
    return old + [f"{warning}." for engine in image["engines"] if (warning := _outdated_engine(engine, now))]


def refusal_reason(image: Mapping[str, Any] | None, engine: str, floor: str, now: datetime) -> str:
    """Why a forge that wants its runner fresh would take none of this image; "" where it may, or nothing is known.
    `floor`: the oldest version that it takes at all."""
    for one in image["engines"] if image else ():
        if one["engine"] == engine:
            below = _version(one["version"]) and _version(one["version"]) < _version(floor)
            return (
                f"its runner is {one['version']}; the minimum is {floor}"
                if below
                else _outdated_engine(one, now)
            )
    return ""


def _outdated_engine(engine: Mapping[str, Any], now: datetime) -> str:
    released = _moment(engine["released"])
    if released is None or now - released <= MAX_ENGINE_AGE:
        return ""
    return (
        f"the engine {engine['engine']} {engine['version']} is {_days(now - released)} old: rebuild the image"
    )


def _facts(values: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: _text(values.get(name)) for name in names}


def _text(value: object) -> str:
    """As PostgreSQL takes it."""
    return value.replace("\x00", "")[:MAX_LENGTH] if isinstance(value, str) else ""


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text[:MAX_LENGTH]) if isinstance(text, str) and text else None
    except ValueError:
        return None
    moment = moment and moment.replace(tzinfo=moment.tzinfo or UTC)
    return moment if moment and FIRST <= moment < LAST else None


def _version(text: str) -> tuple[int, ...]:
    """() where it is none."""
    parts = text.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()


def _days(age: timedelta) -> str:
    return f"{age // timedelta(days=1)} days"
