"""Labels: each grammar of the wild, and the sentence for each that can't be served."""

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from runners.jobs import labels
from runners.jobs.labels import Size, SizeLimits
from runners.reasons import labels as reasons
from runners.reasons.labels import LabelReason, LabelUnknown

ANCHOR = "tfgrid"
DEFAULT = Size(2, 8, 50)
MOST = SizeLimits(cpu=32, memory_gb=128, disk_gb=1000)


def read(*words, own=(), limits=MOST, emulates=False):
    return labels.read(words, own, ANCHOR, DEFAULT, limits, emulates)


def matches(*words, own=()):
    return labels.matches(words, own, ANCHOR)


SIZES = {
    # named
    "small": (2, 8, 50),
    "medium": (4, 16, 100),
    "large": (8, 32, 200),
    "xlarge": (16, 64, 300),
    "tfgrid-small": (2, 8, 50),
    "tfgrid-profile-large": (8, 32, 200),
    # times the smallest
    "1x": (2, 8, 50),
    "2x": (4, 16, 100),
    "tfgrid-4x": (8, 32, 200),
    "8x": (16, 64, 300),
    "16x": (32, 128, 300),
    # spelled out
    "4cpu8gbram50gbssd": (4, 8, 50),
    "4vcpu-8gb-50gbssd": (4, 8, 50),
    "4vcpu_8gb_50gbdisk": (4, 8, 50),
    "4cpu8gb50gbssd": (4, 8, 50),
    "4cpu8gb": (4, 8, 100),
    "tfgrid-2cpu4gb": (2, 4, 50),
    "16cpu4gbram": (16, 4, 300),
    "4cpu8gb50gbssd-x64": (4, 8, 50),
    "4cpu8gb_amd64": (4, 8, 100),
    "04cpu08gb": (4, 8, 100),
    # by processors
    "tfgrid-4vcpu-ubuntu-2204": (4, 16, 100),
    "tfgrid-1vcpu-ubuntu-2404": (1, 4, 50),
    "tfgrid-standard-30": (30, 120, 300),
    # by image, processors, memory and disk
    "tfgrid-ubuntu-24.04-amd64-4x8": (4, 8, 100),
    "tfgrid-ubuntu-22.04-amd64-4x8x60": (4, 8, 60),
    # key=value
    "tfgrid=17/cpu=4/ram=8/disk=50/image=ubuntu-24.04": (4, 8, 50),
    "tfgrid=17/disk=70/cpu=4": (4, 16, 70),
    "tfgrid=17/ram=16": (2, 16, 50),
    "tfgrid=/image=ubuntu-22.04": (2, 8, 50),
}


@pytest.mark.parametrize(("label", "size"), SIZES.items())
def test_a_size_label_alone_addresses_a_pool_and_is_served(label, size):
    assert matches(label)
    assert read(label) == Size(*size)


@pytest.mark.parametrize("label", SIZES)
def test_a_size_label_is_read_in_any_case(label):
    assert read(label.upper()) == read(label)


def test_an_anchor_alone_gets_the_pools_default():
    assert read("tfgrid") == DEFAULT


@pytest.mark.parametrize("neutral", ["self-hosted", "linux", "x64", "amd64", "Self-Hosted", "X64"])
def test_neutral_labels_are_understood_and_ask_for_nothing(neutral):
    assert read("tfgrid", neutral, "large") == Size(8, 32, 200)


@pytest.mark.parametrize(
    "words",
    [
        ["self-hosted"],
        ["self-hosted", "linux", "x64"],
        ["self-hosted", "arm64"],
        ["ubuntu-latest"],
        ["tfgridx"],
        ["xtfgrid"],
        ["smaller"],
        ["2x2"],
        ["4cpu8gb\n"],
        ["tfgri=1/cpu=4"],
        [""],
        [],
    ],
)
def test_jobs_for_other_runners_address_no_pool(words):
    assert not matches(*words)


@pytest.mark.parametrize("part", ["4cpu", "4vcpu", "8gb", "8GBram", "50gbssd", "1tb"])
def test_a_part_of_a_size_addresses_us_and_says_what_it_lacks(part):
    assert matches(part)
    answer = read(part)
    assert isinstance(answer, reasons.LabelPartOfSize)
    assert isinstance(read(answer.whole), Size)


def test_a_part_of_a_size_may_be_a_pools_anchor():
    assert isinstance(read("8gb", own=["8gb"]), Size)


@pytest.mark.parametrize("digits", ["٤cpu٨gb", "４cpu８gb", "²x", "tfgrid-standard-٤"])
def test_digits_of_other_scripts_are_not_understood(digits):
    assert read("tfgrid", digits) == not_understood(digits)


def not_understood(label):
    return LabelUnknown(label)


@pytest.mark.parametrize(
    "label", ["tfgrid-huge", "tfgrid-standard-", "tfgrid-4vcpu-ubuntu-1804", "tfgrid=17", "TFGRID=17/cpu"]
)
def test_a_label_with_our_prefix_is_ours_to_refuse(label):
    assert matches(label)
    assert read(label) == not_understood(label)


def test_an_unknown_label_is_named_as_it_was_written():
    assert read("tfgrid", "small", "GPU") == not_understood("GPU")


@pytest.mark.parametrize(
    "label",
    [
        "4cpu8gb-arm64",
        "tfgrid-4vcpu-ubuntu-2404-arm",
        "tfgrid-ubuntu-24.04-arm64-4x8",
        "arm",
        "ARM64",
        "aarch64",
    ],
)
def test_arm_is_refused_and_never_served_by_another_kind_of_vm(label):
    assert read("tfgrid", label) == reasons.LabelArm64(label)


@pytest.mark.parametrize(
    "words, size",
    [
        (["tfgrid", "arm64"], DEFAULT),
        (["large", "aarch64"], Size(8, 32, 200)),
        (["4cpu8gb-arm64"], Size(4, 8, 100)),
        (["tfgrid-4vcpu-ubuntu-2404-arm"], Size(4, 16, 100)),
        (["tfgrid-ubuntu-24.04-arm64-4x8"], Size(4, 8, 100)),
    ],
)
def test_arm_is_served_with_its_size_by_a_pool_that_emulates_it(words, size):
    assert read(*words, emulates=True) == size
    assert isinstance(read(*words), reasons.LabelArm64)


def test_a_pool_that_emulates_arm_refuses_all_else_as_ever():
    assert read("tfgrid", "arm64", "gpu", emulates=True) == not_understood("gpu")
    assert read("small", "4cpu8gb-arm64", emulates=True) == reasons.LabelsSizesDiffer(
        "4cpu8gb-arm64 and small"
    )


@pytest.mark.parametrize(
    "label", ["small", "4cpu8gb", "alarm64", "4cpu8gb-x64", "tfgrid-ubuntu-24.04-amd64-4x8"]
)
def test_what_does_not_ask_for_arm_is_not_taken_for_it(label):
    assert not labels.wants_arm(label)


def test_what_stands_beside_a_size_is_kept_and_so_is_its_processor():
    assert labels.labels_without_size(["tfgrid", "small"]) == ["tfgrid"]
    assert labels.labels_without_size(["heavy", "4cpu8gb-arm64"]) == ["heavy", "arm64"]
    assert labels.labels_without_size(["arm64", "2x"]) == ["arm64"]


def test_arm_is_refused_even_where_a_pool_has_it_as_an_anchor():
    assert isinstance(read("arm64", own=["arm64"]), LabelReason)


def test_two_sizes_are_refused():
    assert read("small", "4x") == reasons.LabelsSizesDiffer("4x and small")


def test_one_size_said_twice_is_one_size():
    assert read("medium", "2x", "4cpu16gbram100gbssd") == Size(4, 16, 100)


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("33cpu8gb50gbssd", (33, 32, "processors")),
        ("2cpu129gb50gbssd", (129, 128, "GB of memory")),
        ("2cpu8gb1001gbssd", (1001, 1000, "GB of disk")),
    ],
)
def test_what_is_too_large_is_refused_and_never_clamped(label, why):
    assert read(label) == reasons.SizeTooLarge(*why)


def test_exactly_the_largest_is_served():
    assert read("32cpu128gb1000gbssd") == Size(32, 128, 1000)


def test_a_default_above_the_largest_size_is_refused_too():
    assert isinstance(read("tfgrid", limits=SizeLimits(1, 8, 50)), LabelReason)


@pytest.mark.parametrize(
    "label",
    [
        "0cpu8gb",
        "2cpu0gb",
        "2cpu8gb0gbssd",
        "0x",
        "tfgrid-standard-0",
        "tfgrid=1/cpu=0",
        "1000000000cpu8gb",
        "1000000000x",
        "999999999999x",
        "2cpu10000gb",
        "tfgrid=1/cpu=2/ram=1000000000",
    ],
)
def test_an_absurd_number_is_refused(label):
    assert matches(label)
    assert read(label) == reasons.LabelSizeImpossible(label)


def test_a_number_longer_than_any_size_is_not_understood():
    label = f"{'9' * 5000}cpu8gb"
    assert read("tfgrid", label) == not_understood(label)


@pytest.mark.parametrize(
    ("pairs", "reason", "rest"),
    [
        ("cpu=4/farm=7", reasons.LabelKeysUnknown, ["farm"]),
        ("zone=1/gpu=1", reasons.LabelKeysUnknown, ["gpu, zone"]),
        ("cpu=4/cpu=8", reasons.LabelKeyTwice, []),
        ("cpu=four", reasons.LabelNotNumbers, []),
        ("cpu=", reasons.LabelNotNumbers, []),
        ("ram=8.5", reasons.LabelNotNumbers, []),
        ("disk=-1", reasons.LabelNotNumbers, []),
        ("image=windows-2025", reasons.LabelImageUnknown, ["ubuntu-22.04 or ubuntu-24.04"]),
    ],
)
def test_pairs_that_cannot_be_are_refused_with_the_reason(pairs, reason, rest):
    label = f"tfgrid=17/{pairs}"
    assert matches(label)
    assert read(label) == reason(label, *rest)


def test_braces_in_a_label_are_only_text():
    answer = read("tfgrid={run}/cpu={0}")
    assert answer == reasons.LabelNotNumbers("tfgrid={run}/cpu={0}")
    assert str(answer) == "the label “tfgrid={run}/cpu={0}” needs whole numbers for cpu, ram and disk"


def test_a_pool_with_anchors_of_its_own_wants_all_of_them():
    assert matches("Fast", "gpu-free", "small", own=["fast", "GPU-free"])
    assert not matches("fast", "small", own=["fast", "gpu-free"])


def test_a_pool_with_anchors_of_its_own_is_not_addressed_by_ours():
    assert not matches("tfgrid", "small", own=["fast"])


def test_own_anchors_are_understood_beside_ours():
    assert read("tfgrid", "FAST", own=["fast"]) == DEFAULT


def test_a_size_means_its_size_also_where_a_pool_has_it_as_an_anchor():
    assert matches("large", own=["large"])
    assert read("large", own=["large"]) == Size(8, 32, 200)


def test_a_refusal_can_be_told_from_no_match():
    assert matches("tfgrid", "gpu") and isinstance(read("tfgrid", "gpu"), LabelReason)
    assert not matches("gpu")


def test_a_size_is_parsed_from_any_grammar():
    assert str(Size.parse("4VCPU-8GB")) == "4cpu8gbram100gbssd"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4cpu8gb-arm64", str(reasons.LabelArm64("4cpu8gb-arm64"))),
        ("tiny", "“tiny” is not a size: use one like small, 4x or 4cpu8gbram50gbssd"),
        ("0x", str(reasons.LabelSizeImpossible("0x"))),
    ],
)
def test_what_is_no_size_is_an_error_that_says_so(text, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        Size.parse(text)


def test_limits_are_the_largest_of_the_sizes_part_by_part():
    assert SizeLimits.over([Size(2, 64, 50), Size(8, 16, 100)]) == SizeLimits(8, 64, 100)


parts = st.integers(1, labels.LARGEST_NUMBER)


@given(st.builds(Size, parts, parts, parts))
def test_every_size_is_parsed_back_from_its_own_text(size):
    assert Size.parse(str(size)) == size


@given(st.integers(1, labels.LARGEST_NUMBER // 4))
def test_a_size_by_processors_always_has_at_least_the_smallest_disk(cpu):
    size = labels.of_cpus(cpu)
    assert (size.cpu, size.memory_gb) == (cpu, 4 * cpu)
    assert 50 <= size.disk_gb <= 300


PIECES = (
    "tfgrid - _ = / { } %s x 4 0 99999 cpu vcpu ram disk gb ssd image ubuntu-24.04 amd64 arm64 standard small"
)
near = st.lists(st.sampled_from([*PIECES.split(), "٤", "İ", "\n"]), max_size=12).map("".join)


@given(st.lists(near | st.text(max_size=40), max_size=5), st.lists(near | st.text(max_size=10), max_size=2))
def test_any_text_is_served_within_the_limits_or_refused_with_a_reason(words, own):
    matches(*words, own=own)
    answer = read(*words, own=own)
    if isinstance(answer, LabelReason):
        assert str(answer)
    else:
        assert 1 <= answer.cpu <= MOST.cpu
        assert 1 <= answer.memory_gb <= MOST.memory_gb
        assert 1 <= answer.disk_gb <= MOST.disk_gb


@given(st.permutations(["tfgrid", "Linux", "2x", "medium", "fast"]))
def test_the_order_of_labels_does_not_matter(words):
    assert read(*words, own=["fast"]) == Size(4, 16, 100)


# The manual

MANUAL = (Path(__file__).parents[3] / "docs/labels.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in MANUAL.splitlines() if line[:3] == "| `"
]
OFFERED = SizeLimits.over(labels.NAMED.values())


@pytest.mark.parametrize("row", [row for row in ROWS if len(row) == 4], ids=lambda row: row[0])
def test_the_manual_shows_the_size_that_a_label_gets(row):
    label, *parts = row
    assert read(label.strip("`"), limits=OFFERED) == Size(*map(int, parts))


@pytest.mark.parametrize(
    "row", [row for row in ROWS if len(row) == 2 and "runs-on" not in row[0]], ids=lambda row: row[0]
)
def test_the_manual_shows_the_sentence_that_a_refusal_gets(row):
    words, sentence = row
    assert str(read(*re.findall("`(.+?)`", words), limits=OFFERED)) == sentence


def test_a_job_is_ours_where_its_labels_address_any_pool():
    assert labels.address(["gpu", "linux"], [["gpu"]], "tfgrid")
    assert labels.address(["small"], [["gpu"]], "tfgrid")
    assert not labels.address(["windows"], [["gpu"]], "tfgrid")
