"""What each word of a `runs-on` means to us, for people who want to know before they push. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from runners.jobs import labels
from runners.jobs.labels import Size, SizeLimits
from runners.reasons.labels import LabelArm64, LabelReason
from tfci.core.translation import gettext

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
BETWEEN = re.compile(r"[\s,\[\]\"']+")
KEY = re.compile(r"^\s*runs-on\s*:", re.IGNORECASE)
MAX_LABELS = 20  # labels


@dataclass(frozen=True, slots=True)
class LabelWord:
    """`kind` is size, anchor, ours, neutral, unknown or refused; `means` a sentence."""

    label: str
    kind: str
    means: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What a pool without anchors of its own makes of all words together. Neither size nor reason: the words don't
    address us, and the job is left to other runners."""

    words: list[LabelWord]
    size: Size | None = None
    why_not: LabelReason | None = None


def split(text: str) -> list[str]:
    """The labels in what somebody pasted: `small`, `[tfgrid, small]`, `runs-on: …`, or one a line."""
    text = EXPRESSION.sub(lambda found: f"${{{{{found[1].replace(' ', '')}}}}}", KEY.sub("", text))
    words = BETWEEN.split(text)
    return list(dict.fromkeys(word for word in words if word not in ("", "-")))[:MAX_LABELS]


def explain(wanted: Sequence[str], anchor: str, default: Size, limits: SizeLimits) -> Explained:
    """Each word by itself, and then all of them."""
    words = [_word(label, anchor, default) for label in wanted]
    if not labels.matches(wanted, [], anchor):
        return Explained(words)
    answer = labels.read(wanted, [], anchor, default, limits)
    if isinstance(answer, Size):
        return Explained(words, size=answer)
    return Explained(words, why_not=answer)


def _word(label: str, anchor: str, default: Size) -> LabelWord:
    if labels.wants_arm(label):
        return LabelWord(label, "refused", gettext("It {about}.").format(about=LabelArm64(label).about))
    found, low = labels.size_of(label), label.lower()
    if isinstance(found, LabelReason):
        return LabelWord(label, "refused", found.full_sentence)
    if found:
        return LabelWord(label, "size", _parts(found))
    if low == anchor.lower():
        return LabelWord(
            label,
            "anchor",
            gettext(
                "The anchor: runs the job here. Without a size, it uses the pool's default: {default}."
            ).format(default=default),
        )
    if part := labels.part_of_size(label):
        return LabelWord(label, "refused", part.full_sentence)
    if low in labels.NEUTRAL:
        return LabelWord(label, "neutral", gettext("No effect: every VM here has this property."))
    return LabelWord(
        label, "unknown", gettext("Unknown. A pool can use it as an anchor; otherwise the job is ignored.")
    )


def _parts(size: Size) -> str:
    return gettext("{cpu} vCPU, {memory_gb} GB of memory, {disk_gb} GB of disk.").format(
        cpu=size.cpu, memory_gb=size.memory_gb, disk_gb=size.disk_gb
    )
