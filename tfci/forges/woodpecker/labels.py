"""A workflow's labels in Woodpecker are keys with values; ours are words. And the labels of the agent that takes it.

`size: small` is the word small, `gpu: "true"` the word gpu, any other pair the word key=value. What Woodpecker adds
itself, and what is true of all our VMs, is ignored.
"""

import re
from collections.abc import Mapping, Sequence

OWN = ("repo", "org-id")
PREFIX = "woodpecker-ci.org/"
SIZE, YES = "size", "true"
OWN_VALUES = ("platform", "backend", "hostname")  # of which an agent has values of its own
ALWAYS_TRUE = {"platform": "linux/amd64"}
ARM = re.compile(r"linux/arm(64)?(/.*)?")


def words(labels: Mapping[str, str]) -> tuple[str, ...]:
    """The size first, then the others by name."""
    relevant = _relevant(labels)
    order = sorted(relevant, key=lambda key: (key != SIZE, key))
    return tuple(_word(key, relevant[key]) for key in order)


def required(labels: Mapping[str, str]) -> str:
    """The labels of an agent that takes workflows with exactly these labels, in the form of its environment. Labels
    that it has itself must be overridden, too."""
    relevant = sorted(_relevant(labels).items())
    overrides = [f"{key}={value}" for key, value in relevant if key in OWN_VALUES]
    return ",".join([f"!{key}={value}" for key, value in relevant] + overrides)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """The labels of a workflow for these words; the last word without a value is its size."""
    alone = [word for word in words if "=" not in word]
    flags = {word: YES for word in alone[:-1]}
    others = dict(word.split("=", 1) for word in words if "=" in word)
    return {**({SIZE: alone[-1]} if alone else {}), **flags, **others}


def _relevant(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels without the ignored ones. An agent's own `!` is no part of a key."""
    plain = {key.removeprefix("!"): value for key, value in labels.items()}
    return {
        key: value
        for key, value in plain.items()
        if value and key not in OWN and not key.startswith(PREFIX) and ALWAYS_TRUE.get(key) != value
    }


def _word(key: str, value: str) -> str:
    if key == "platform" and ARM.fullmatch(value):
        return "arm64"
    if key == SIZE and "=" not in value:
        return value
    return key if value == YES else f"{key}={value}"
