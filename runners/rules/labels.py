"""A job's labels -> the size of its machine, or why it is not served. Pure; docs/labels.md is its manual.

Two questions: does a label set address a pool at all (matches), and can its size be served (read). A job that no
pool matches may still run elsewhere; one whose size is refused does not fall through to the next pool.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PREFIX = "tfgrid"
NEUTRAL = frozenset({"self-hosted", "linux", "x64", "amd64"})
ARM_WORDS = frozenset({"arm", "arm64", "aarch64"})
ARM = "machines of the grid are x86-64, so {label} can't be served"
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
        found = size_of(text)
        if found is None:
            raise ValueError(f"“{text}” is not a size: write one like small, 4x or 4cpu8gbram50gbssd")
        if isinstance(found, Refused):
            raise ValueError(found.why)
        return found


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is served, of each by itself."""

    cpu: int
    memory_gb: int
    disk_gb: int

    @classmethod
    def over(cls, sizes: Iterable[Size]) -> "Limits":
        """The largest of several sizes, part by part."""
        sizes = list(sizes)
        return cls(*(max(getattr(size, part) for size in sizes) for part in ("cpu", "memory_gb", "disk_gb")))


@dataclass(frozen=True, slots=True)
class Served:
    size: Size


@dataclass(frozen=True, slots=True)
class Refused:
    why: str


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
    the product's anchor, a label that begins with it, or a size is there."""
    words = {label.lower() for label in labels}
    if own_anchors:
        return {own.lower() for own in own_anchors} <= words
    return any(word == anchor.lower() or word.startswith(f"{PREFIX}-") or size_of(word) for word in words)


def read(
    labels: Iterable[str], own_anchors: Sequence[str], anchor: str, default: Size, limits: Limits
) -> Served | Refused:
    """The size that labels which match ask for. Every label must be understood; nothing is ever clamped."""
    known = {anchor.lower(), *NEUTRAL, *(own.lower() for own in own_anchors)}
    asked = sorted({label.lower() for label in labels} - known)
    sizes = {word: size_of(word) for word in asked}
    for word, size in sizes.items():
        if word in ARM_WORDS:
            return Refused(ARM.format(label=f"“{word}”"))
        if size is None:
            return Refused(
                f"the label “{word}” is not understood: remove it, or give it to the pool as an anchor"
            )
        if isinstance(size, Refused):
            return size
    if len(set(sizes.values())) > 1:
        return Refused(f"the labels {' and '.join(asked)} ask for different sizes: keep one")
    size = next(iter(sizes.values()), default)
    return _too_large(size, limits) or Served(size)


def _too_large(size: Size, limits: Limits) -> Refused | None:
    for part, unit in (("cpu", "processors"), ("memory_gb", "GB of memory"), ("disk_gb", "GB of disk")):
        asked, most = getattr(size, part), getattr(limits, part)
        if asked > most:
            return Refused(f"it asks for {asked} {unit} and the pool's largest size has {most}")
    return None


def size_of(word: str) -> Size | Refused | None:
    """What one label asks for; None where it is no size label, Refused where it is one that can't be."""
    word = word.lower()
    for grammar, reader in GRAMMARS:
        if found := grammar.fullmatch(word):
            return _possible(word, reader(**found.groupdict()))
    return None


def _possible(word: str, size: Size | Refused | None) -> Size | Refused:
    if size is None:
        return Refused(f"the label “{word}” is not understood")
    if isinstance(size, Size) and not all(
        0 < part <= LARGEST_NUMBER for part in (size.cpu, size.memory_gb, size.disk_gb)
    ):
        return Refused(f"the label “{word}” asks for a size that no machine has")
    return Refused(size.why.format(label=f"“{word}”")) if isinstance(size, Refused) else size


def _named(name: str) -> Size:
    return NAMED[name]


def _times(n: str) -> Size:
    return of_cpus(2 * int(n))


def _parts(cpu: str, memory: str, disk: str | None = None, arch: str | None = None) -> Size | Refused:
    """Without a disk, it gets what goes with its processors."""
    if arch == "arm64":
        return Refused(ARM)
    return Size(int(cpu), int(memory), int(disk) if disk else of_cpus(int(cpu)).disk_gb)


def _cpus(cpu: str, arm: str | None = None) -> Size | Refused:
    return Refused(ARM) if arm else of_cpus(int(cpu))


def _pairs(pairs: str) -> Size | Refused:
    """cpu=4/ram=8/disk=50 in any order; image only where it names what every machine has."""
    said = dict(pair.partition("=")[::2] for pair in pairs.strip("/").split("/"))
    unknown = set(said) - {"cpu", "ram", "disk", "image"}
    if unknown:
        return Refused(
            f"{{label}} says {', '.join(sorted(unknown))}, which is chosen in the pool and not by a label"
        )
    numbers = [said.get("cpu", "2"), said.get("ram"), said.get("disk")]
    if not all(number is None or re.fullmatch(r"\d{1,4}", number) for number in numbers):
        return Refused("{label} needs whole numbers for cpu, ram and disk")
    usual = of_cpus(int(numbers[0]))
    return Size(usual.cpu, int(numbers[1] or usual.memory_gb), int(numbers[2] or usual.disk_gb))


P = rf"(?:{PREFIX}-)?"
N = r"\d{1,4}"
GRAMMARS = [
    (re.compile(rf"(?:{PREFIX}-(?:profile-)?)?(?P<name>{'|'.join(NAMED)})"), _named),
    (re.compile(rf"{P}(?P<n>\d{{1,3}})x"), _times),
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
    (re.compile(rf"{PREFIX}=[^/]*(?P<pairs>(?:/[a-z]+=[^/]*)+)"), _pairs),
]
