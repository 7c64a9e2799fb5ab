"""What an app of the catalogue says of itself, and what becomes of it on a VM. Pure.

An app is data: `app.toml` with the texts, the program, its ports, its health, and the files that it begins with.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from runners.jobs.labels import Size
from runners.reasons.servers import AppNeeds, GridReadOnly, NoAppImage, NoAppProgram, Obstacle, VmsUnreachable

WORD = re.compile(r"{(\w+)}")
LATER = ("data",)  # words that the VM's agent fills in
SHARED = range(10_000, 20_000)  # ports of VMs that share one computer's
MOST_PORTS = 4
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


class Unsound(ValueError):
    """This is no app; str() says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What people must say before it can be deployed."""

    name: str
    label: str
    help: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """`images`: the image of a VM that has agent and program, by kind of grid. `needs`: why no VM of ours can
    have it; "" where one can. `first`: arguments of its program's runs before the first one that stays. `secrets`: made
    by us, each with what people are told of it; "" where it is nothing to them."""

    slug: str
    title: str
    about: str
    license: str
    site: str
    source: str
    sizes: tuple[str, ...]
    program: str = ""
    arguments: tuple[str, ...] = ()
    first: tuple[tuple[str, ...], ...] = ()
    health: str = "/"
    ports: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    asks: tuple[Ask, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    links_as: str = ""
    needs: str = ""
    keeps: str = ""
    steps: tuple[str, ...] = ()  # what people do once it serves
    notes: tuple[str, ...] = ()


def read(slug: str, said: Mapping[str, Any], files: Mapping[str, str]) -> App:
    """From its app.toml and the other files of its folder. Raises Unsound."""
    try:
        asks = tuple(Ask(**ask) for ask in said.get("asks", ()))
        lists = {name: tuple(said[name]) for name in ("sizes", "arguments", "steps", "notes") if name in said}
        first = tuple(tuple(words) for words in said.get("first", ()))
        app = App(slug=slug, **{**said, **lists, "asks": asks, "first": first, "files": files})
        for size in app.sizes:
            Size.parse(size)
    except (TypeError, ValueError) as error:
        raise Unsound(f"{slug}: {error}") from None
    _check(app)
    return app


def _check(app: App) -> None:
    """What must be there for it to run."""
    if not app.sizes or not (app.needs or app.program):
        raise Unsound(f"{app.slug}: it names no size, or neither a program nor why it has none")
    if app.program and not 1 <= len(app.ports) <= MOST_PORTS:
        raise Unsound(f"{app.slug}: it has 1 to {MOST_PORTS} ports, its web page's first")
    known = {*words_of(app), *LATER}
    texts = [*app.arguments, *app.environment.values(), *app.files.values(), *app.steps]
    texts += [*app.secrets.values(), *(word for words in app.first for word in words)]
    if strange := sorted({word for text in texts for word in WORD.findall(text)} - known):
        raise Unsound(f"{app.slug}: nothing is known of {', '.join(strange)}")


def words_of(app: App) -> set[str]:
    """All that texts of the app may have in braces, and that we fill in."""
    ports = {f"port_{name}" for name in app.ports}
    return {
        "address",
        "host",
        "bind",
        "manager",
        "name",
        *ports,
        *app.secrets,
        *(ask.name for ask in app.asks),
    }


def secret_words(app: App) -> list[str]:
    """Those that must be seen in no log."""
    return [*app.secrets, *(ask.name for ask in app.asks if ask.secret)]


def fill(text: str, words: Mapping[str, str]) -> str:
    """The text with our words in it; what the agent fills in stays."""
    return WORD.sub(lambda found: words.get(found[1], found[0]), text)


def ports(app: App, vm: int, *, shared: bool) -> dict[str, int]:
    """Where it listens on that VM. VMs that share one computer's ports get numbers of their own."""
    if not shared:
        return dict(app.ports)
    return {name: SHARED[(vm * MOST_PORTS + place) % len(SHARED)] for place, name in enumerate(app.ports)}


def host(addresses: Mapping[str, str]) -> str:
    """How a VM is called from elsewhere; "" where it can't be."""
    found = addresses.get("mycelium") or addresses.get("ip") or ""
    return f"[{found}]" if ":" in found else found


def address(app: App, addresses: Mapping[str, str], vm: int, *, shared: bool) -> str:
    """Of its pages, like http://127.0.0.1:10004; "" while its VM has none."""
    there = host(addresses)
    return (
        f"http://{there}:{next(iter(ports(app, vm, shared=shared).values()))}" if there and app.ports else ""
    )


def pause(failed: int) -> timedelta:
    """How long the next VM waits after so many in a row that never served."""
    return min(FIRST_PAUSE * 2 ** min(failed - 1, 10), LONGEST_PAUSE) if failed else timedelta()


@dataclass(frozen=True, slots=True)
class Ground:
    """The grid that an app would run on. `has_program`: whether this computer has the app's, where VMs are
    programs on it; None where each VM has what its image has."""

    kind: str
    deploys: bool = True
    reachable: bool = True
    has_program: bool | None = None


def obstacle(app: App, ground: Ground) -> Obstacle | None:
    """None where it can be deployed."""
    if app.needs:
        return AppNeeds(app.needs)
    if not ground.deploys:
        return GridReadOnly()
    if not ground.reachable:
        return VmsUnreachable()
    if ground.has_program is None and not app.images.get(ground.kind):
        return NoAppImage(app.title)
    return NoAppProgram(app.program) if ground.has_program is False else None
