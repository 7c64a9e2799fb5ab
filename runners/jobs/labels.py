"""A job's labels -> the size of its VM, or why it is not served. Pure; docs/labels.md is its manual.

Two questions: does a label set address a pool at all (matches), and can its size be served (read). A job that no
pool matches may still run elsewhere; one whose size is refused does not fall through to the next pool.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from runners.reasons.labels import (
    LabelArm64,
    LabelImageUnknown,
    LabelKeysUnknown,
    LabelKeyTwice,
    LabelNotNumbers,
    LabelPartOfSize,
    LabelReason,
    LabelSizeImpossible,
    LabelsSizesDiffer,
    LabelUnknown,
    SizeTooLarge,
)

PREFIX = "tfgrid"
PART = re.compile(r"(?P<n>[0-9]{1,12})(?P<unit>v?cpu|gb(?:ram)?|gb(?:ssd|disk)|tb)")  # of a size, by itself
NEUTRAL = frozenset({"self-hosted", "linux", "x64", "amd64"})
ARM_WORDS = frozenset({"arm", "arm64", "aarch64"})
IMAGES = frozenset({"ubuntu-22.04", "ubuntu-24.04"})
LARGEST_NUMBER = 9999


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Processors, memory and disk in GB. str() is the canonical label."""

    cpu: int
    memory_gb: int
    disk_gb: int

    def __str__(self) -> str:
        return f"{self.cpu}cpu{self.memory_gb}gbram{self.disk_gb}gbssd"

    @classmethod
    def parse(cls, text: str) -> "Size":
        """From any size label; ValueError with the reason."""
        if wants_arm(text):
            raise ValueError(str(LabelArm64(text)))
        found = size_of(text)
        if found is None:
            raise ValueError(f"“{text}” is not a size: use one like small, 4x or 4cpu8gbram50gbssd")
        if isinstance(found, LabelReason):
            raise ValueError(str(found))
        return found


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """The most that is served, of each by itself."""

    cpu: int
    memory_gb: int
    disk_gb: int

    @classmethod
    def over(cls, sizes: Iterable[Size]) -> "SizeLimits":
        """The largest of several sizes, part by part."""
        sizes = list(sizes)
        return cls(*(max(getattr(size, part) for size in sizes) for part in ("cpu", "memory_gb", "disk_gb")))


NAMED = {
    "small": Size(2, 8, 50),
    "medium": Size(4, 16, 100),
    "large": Size(8, 32, 200),
    "xlarge": Size(16, 64, 300),
}


def of_cpus(cpu: int) -> Size:
    """The size that goes with a number of processors: 4 GB of memory and 25 GB of disk for each, disk up to 300."""
    return Size(cpu, 4 * cpu, max(50, min(25 * cpu, 300)))


def matches(labels: Iterable[str], own_anchors: Sequence[str], anchor: str) -> bool:
    """Whether these labels address a pool: it has anchors of its own and they are all there; or it has none, and
    the product's anchor, a label that begins with our prefix, or a size is there."""
    words = {label.lower() for label in labels}
    if own_anchors:
        return {own.lower() for own in own_anchors} <= words
    ours = (f"{PREFIX}-", f"{PREFIX}=")
    return any(
        word == anchor.lower() or word.startswith(ours) or size_of(word) or part_of_size(word)
        for word in words
    )


def address(labels: Iterable[str], own_anchors: Iterable[Sequence[str]], anchor: str) -> bool:
    """Whether these labels address a pool, one with anchors of its own or one without, if there were one. A job whose
    labels don't is not ours."""
    labels = tuple(labels)
    return any(matches(labels, own, anchor) for own in (*own_anchors, ()))


def read(
    labels: Iterable[str],
    own_anchors: Sequence[str],
    anchor: str,
    default: Size,
    limits: SizeLimits,
    emulates: bool = False,
) -> Size | LabelReason:
    """The size that labels which match ask for, or why it can't be served. Every label must be understood; nothing is
    ever clamped. A size means its size also where a pool has it as an anchor. `emulates`: whether arm64 may be
    asked for."""
    known = {anchor.lower(), *NEUTRAL, *ARM_WORDS, *(own.lower() for own in own_anchors)}
    sizes = {}
    for label in sorted(set(labels)):
        size = _arm(label, emulates) or size_of(label)
        if isinstance(size, LabelReason):
            return size
        if size:
            sizes[label] = size
        elif label.lower() not in known and (part := part_of_size(label)):
            return part
        elif label.lower() not in known:
            return LabelUnknown(label)
    if len(set(sizes.values())) > 1:
        return LabelsSizesDiffer(" and ".join(sizes))
    size = next(iter(sizes.values()), default)
    return _too_large(size, limits) or size


def _arm(label: str, emulates: bool) -> LabelArm64 | None:
    return LabelArm64(label) if wants_arm(label) and not emulates else None


def wants_arm(label: str) -> bool:
    """Whether it asks for an arm64 processor, alone or as part of a size."""
    if label.lower() in ARM_WORDS:
        return True
    parts = (found.groupdict() for grammar, _ in GRAMMARS if (found := grammar.fullmatch(label.lower())))
    return any(part.get("arch") == "arm64" or part.get("arm") for part in parts)


def _too_large(size: Size, limits: SizeLimits) -> SizeTooLarge | None:
    for part, unit in (("cpu", "processors"), ("memory_gb", "GB of memory"), ("disk_gb", "GB of disk")):
        wanted, limit = getattr(size, part), getattr(limits, part)
        if wanted > limit:
            return SizeTooLarge(wanted, limit, unit)
    return None


def size_of(label: str) -> Size | LabelReason | None:
    """What one label asks for, whatever the processor; None where it is no size label, a reason where it is one that
    can't be."""
    for grammar, reader in GRAMMARS:
        if found := grammar.fullmatch(label.lower()):
            size = reader(label, **found.groupdict())
            return LabelSizeImpossible(label) if isinstance(size, Size) and not _possible(size) else size
    return None


def part_of_size(label: str) -> LabelPartOfSize | None:
    """The reason of a label that names one part of a size and lacks the others; None for every other label."""
    found = PART.fullmatch(label.lower())
    if found is None:
        return None
    number, unit = int(found["n"]), found["unit"]
    if unit.endswith("cpu"):
        has, lacks, whole = "processors", "no memory", f"{number}cpu{4 * number}gb"
    elif unit in ("gb", "gbram"):
        has, lacks, whole = "memory", "no processors", f"{max(1, number // 4)}cpu{number}gb"
    else:
        disk = 1000 * number if unit == "tb" else number
        has, lacks, whole = "a disk", "neither processors nor memory", f"2cpu8gb{disk}gbssd"
    return LabelPartOfSize(label, has, lacks, whole)


def labels_without_size(labels: Iterable[str]) -> list[str]:
    """The labels except those of a size, of which only arm64 is kept."""
    kept = [(label, isinstance(size_of(label), Size)) for label in labels]
    return ["arm64" if sized else label for label, sized in kept if not sized or wants_arm(label)]


def _possible(size: Size) -> bool:
    return all(0 < part <= LARGEST_NUMBER for part in (size.cpu, size.memory_gb, size.disk_gb))


# Readers: a label and the named parts of its grammar -> a size, or why it can't be.


def _named(_: str, name: str) -> Size:
    return NAMED[name]


def _times(_: str, n: str) -> Size:
    return of_cpus(2 * int(n))


def _parts(_: str, cpu: str, memory: str, disk: str | None, **_rest: str | None) -> Size:
    """Without a disk, it gets what goes with its processors."""
    return Size(int(cpu), int(memory), int(disk) if disk else of_cpus(int(cpu)).disk_gb)


def _cpus(_: str, cpu: str, **_rest: str | None) -> Size:
    return of_cpus(int(cpu))


def _pairs(label: str, pairs: str) -> Size | LabelReason:
    """cpu=4/ram=8/disk=50 in any order; image only where it names what every VM has."""
    pairs_list = [pair.partition("=")[::2] for pair in pairs[1:].split("/")]
    values = dict(pairs_list)
    if unknown := sorted(values.keys() - {"cpu", "ram", "disk", "image"}):
        return LabelKeysUnknown(label, ", ".join(unknown))
    if len(values) < len(pairs_list):
        return LabelKeyTwice(label)
    if values.pop("image", "ubuntu-24.04") not in IMAGES:
        return LabelImageUnknown(label, " or ".join(sorted(IMAGES)))
    if not all(re.fullmatch(N, number) for number in values.values()):
        return LabelNotNumbers(label)
    numbers = {name: int(number) for name, number in values.items()}
    usual = of_cpus(numbers.get("cpu", 2))
    return Size(usual.cpu, numbers.get("ram", usual.memory_gb), numbers.get("disk", usual.disk_gb))


P = rf"(?:{PREFIX}-)?"
N = "[0-9]{1,12}"  # longer than any size, so that an absurd one is named as such
Reader: TypeAlias = Callable[..., Size | LabelReason]  # of a label and the named groups of its grammar
GRAMMARS: list[tuple[re.Pattern[str], Reader]] = [
    (re.compile(rf"(?:{PREFIX}-(?:profile-)?)?(?P<name>{'|'.join(NAMED)})"), _named),
    (re.compile(rf"{P}(?P<n>{N})x"), _times),
    (
        re.compile(
            rf"{P}(?P<cpu>{N})v?cpu[-_]?(?P<memory>{N})gb(?:ram)?"
            rf"(?:[-_]?(?P<disk>{N})gb(?:ssd|disk))?(?:[-_](?P<arch>x64|amd64|arm64))?"
        ),
        _parts,
    ),
    (re.compile(rf"{PREFIX}-(?P<cpu>{N})vcpu-ubuntu-(?:2204|2404)(?P<arm>-arm)?"), _cpus),
    (re.compile(rf"{PREFIX}-standard-(?P<cpu>{N})"), _cpus),
    (
        re.compile(
            rf"{PREFIX}-ubuntu-(?:22\.04|24\.04)-(?P<arch>amd64|arm64)"
            rf"-(?P<cpu>{N})x(?P<memory>{N})(?:x(?P<disk>{N}))?"
        ),
        _parts,
    ),
    (re.compile(rf"{PREFIX}=[^/\s]*(?P<pairs>(?:/[a-z]+=[^/\s]*)+)"), _pairs),
]
