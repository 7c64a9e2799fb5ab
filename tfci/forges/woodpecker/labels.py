"""A workflow's labels in Woodpecker are keys with values; ours are words. And the labels of the agent that takes it.

`size: small` is the word small, `gpu: "true"` the word gpu, any other pair the word key=value. What Woodpecker adds
itself, and what is true of every VM of ours, asks for nothing.
"""

import re
from collections.abc import Mapping, Sequence

OWN = ("repo", "org-id")
PREFIX = "woodpecker-ci.org/"
SIZE, YES = "size", "true"
BY_ITSELF = ("platform", "backend", "hostname")  # of which an agent has values of its own
TRUE_HERE = {"platform": "linux/amd64"}
ARM = re.compile(r"linux/arm(64)?(/.*)?")


def words(labels: Mapping[str, str]) -> tuple[str, ...]:
    """The size first, then the others by name."""
    asked = _asked(labels)
    order = sorted(asked, key=lambda key: (key != SIZE, key))
    return tuple(_word(key, asked[key]) for key in order)


def required(labels: Mapping[str, str]) -> str:
    """What an agent must say to take workflows with exactly these labels, in the form of its environment. What it says
    by itself it must be made to say otherwise, too."""
    asked = sorted(_asked(labels).items())
    said = [f"{key}={value}" for key, value in asked if key in BY_ITSELF]
    return ",".join([f"!{key}={value}" for key, value in asked] + said)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """What a workflow writes to get these words; the last that stands alone is its size."""
    alone = [word for word in words if "=" not in word]
    flags = {word: YES for word in alone[:-1]}
    others = dict(word.split("=", 1) for word in words if "=" in word)
    return {**({SIZE: alone[-1]} if alone else {}), **flags, **others}


def _asked(labels: Mapping[str, str]) -> dict[str, str]:
    """Without what asks for nothing. An agent's own `!` is no part of a key."""
    plain = {key.removeprefix("!"): value for key, value in labels.items()}
    return {
        key: value
        for key, value in plain.items()
        if value and key not in OWN and not key.startswith(PREFIX) and TRUE_HERE.get(key) != value
    }


def _word(key: str, value: str) -> str:
    if key == "platform" and ARM.fullmatch(value):
        return "arm64"
    if key == SIZE and "=" not in value:
        return value
    return key if value == YES else f"{key}={value}"
