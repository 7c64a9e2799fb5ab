"""Why a job's labels can't be served. Each refuses the job."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import gettext, translated


class LabelCode(StrEnum):
    ARM64 = "label_arm64"
    SIZE_IMPOSSIBLE = "label_size_impossible"
    KEYS_UNKNOWN = "label_keys_unknown"
    KEY_TWICE = "label_key_twice"
    IMAGE_UNKNOWN = "label_image_unknown"
    NOT_NUMBERS = "label_not_numbers"
    PART_OF_SIZE = "label_part_of_size"
    UNKNOWN = "label_unknown"
    SIZES_DIFFER = "labels_sizes_differ"
    SIZE_TOO_LARGE = "size_too_large"


@dataclass(frozen=True, slots=True)
class LabelReason(Reason):
    """`elsewhere`: another pool may understand what this one does not; a size is refused for good."""

    known: ClassVar[dict[str, type[Reason]]] = {}
    owner: ClassVar[Owner] = Owner.CODE
    severity: ClassVar[Severity] = Severity.ERROR
    elsewhere: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class OfLabel(LabelReason):
    """Of one label. `predicate`: its sentence without the label."""

    predicate: ClassVar[str] = ""
    label: str

    @property
    def about(self) -> str:
        return self.predicate.format_map(self.params)

    def __str__(self) -> str:
        return gettext("the label “{label}” {about}").format(label=self.label, about=self.about)


class LabelArm64(OfLabel):
    code = LabelCode.ARM64
    predicate = translated(
        "can't be served: VMs are x86-64, and only a pool that emulates arm64 (5 to 13 times slower) accepts it"
    )
    advice = translated("Remove the label, or let the pool emulate arm64.")


class LabelSizeImpossible(OfLabel):
    code = LabelCode.SIZE_IMPOSSIBLE
    predicate = translated("asks for a size that no VM can have")
    advice = translated("Use a size like small, 4x or 4cpu8gbram50gbssd.")


@dataclass(frozen=True, slots=True)
class LabelKeysUnknown(OfLabel):
    code = LabelCode.KEYS_UNKNOWN
    predicate = translated("sets {keys}, which is a setting of the pool and not of a label")
    advice = translated("Remove these parts of the label, and set them in the pool.")
    keys: str


class LabelKeyTwice(OfLabel):
    code = LabelCode.KEY_TWICE
    predicate = translated("sets the same value twice: keep one")
    advice = translated("Keep one of the two.")


@dataclass(frozen=True, slots=True)
class LabelImageUnknown(OfLabel):
    code = LabelCode.IMAGE_UNKNOWN
    predicate = translated("asks for an image that does not exist: remove it, or use {images}")
    advice = translated("Remove the image from the label, or use one of those listed.")
    images: str


class LabelNotNumbers(OfLabel):
    code = LabelCode.NOT_NUMBERS
    predicate = translated("needs whole numbers for cpu, ram and disk")
    advice = translated("Use whole numbers of CPUs and GB.")


@dataclass(frozen=True, slots=True)
class LabelPartOfSize(OfLabel):
    """`has` and `lacks`: what the label says of a size, and what it leaves open. `whole`: a size that says both."""

    code = LabelCode.PART_OF_SIZE
    predicate = translated("sets {has} but {lacks}: use a complete size like {whole}")
    advice = translated("Use a complete size.")
    has: str
    lacks: str
    whole: str


class LabelUnknown(OfLabel):
    code = LabelCode.UNKNOWN
    predicate = translated("is unknown: remove it, or add it to the pool as an anchor")
    advice = translated("Remove the label, or add it to the pool's anchors.")
    elsewhere = True


@dataclass(frozen=True, slots=True)
class LabelsSizesDiffer(LabelReason):
    code = LabelCode.SIZES_DIFFER
    sentence = translated("the labels {labels} ask for different sizes: keep one")
    advice = translated("Keep one of these labels.")
    labels: str


@dataclass(frozen=True, slots=True)
class SizeTooLarge(LabelReason):
    """`unit`: processors, GB of memory or GB of disk."""

    code = LabelCode.SIZE_TOO_LARGE
    sentence = translated("it asks for {asked} {unit}, but the pool's largest size has {largest}")
    advice = translated("Use a smaller size, or raise the pool's largest size.")
    asked: int
    largest: int
    unit: str
