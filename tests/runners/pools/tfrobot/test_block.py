"""A pool's own settings in a tfrobot file: their shapes, and what of them tfrobot ignores."""

import pytest

from runners.pools.tfrobot import block, reader
from runners.pools.tfrobot.document import UnreadableDocument
from tests.runners.pools.tfrobot.test_reader import WHOLE


def read(settings):
    lines = "".join(f"    {line}\n" for line in settings)
    return reader.read(f"{WHOLE}x-farmhand:\n  group_a:\n{lines}")


def test_each_setting_is_read_in_its_shape():
    said = ["anchors: [gpu, fast]", "min_vms: {small: 2}", "max_vms: 3", "rerun_lost: yes", "reuse: never"]
    [group] = read(said).groups
    assert group.settings == {
        **{"anchors": ["gpu", "fast"], "min_vms": {"small": 2}, "max_vms": 3},
        **{"rerun_lost": True, "reuse": "never"},
    }


def test_rows_of_a_schedule_are_read_in_their_shape():
    said = ["schedule:", "  - size: small", "    vms: 2", "    weekdays: [mon]", "    from_hour: 8"]
    row = {"size": "small", "vms": "2", "weekdays": ["mon"], "from_hour": "8"}
    assert read(said).groups[0].settings == {"schedule": [row]}


def test_a_setting_that_is_none_is_named_and_left_out():
    found = read(["colour: blue"])
    assert ("x-farmhand.group_a.colour", "ignored") in [(line.key, line.did) for line in found.lines]
    assert found.groups[0].settings == {}


@pytest.mark.parametrize(
    "setting, sentence",
    [
        ("anchors: gpu", "must be a list"),
        ("min_vms: 3", "must have sizes and numbers"),
        ("schedule: [small]", "must be a list of rows with size, vms, weekdays, from_hour and to_hour"),
        ("reuse: [never]", "must be a text"),
    ],
)
def test_another_shape_is_refused_with_its_line(setting, sentence):
    with pytest.raises(UnreadableDocument) as refused:
        read([setting])
    [wrong] = refused.value.errors
    assert str(wrong).endswith(sentence)


def test_what_tfrobot_ignores_is_what_it_has_no_key_for_and_differs_from_a_new_pool():
    settings = {"name": "default", "anchors": ["gpu"], "max_vms": 10, "regions": ["Europe"]}
    assert block.ignored_by_tfrobot(settings, {"max_vms": 10}) == ["anchors"]
