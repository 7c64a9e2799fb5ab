"""What an image says of itself, and what is too old about it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from runners.vms import images

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def an_image(days=1, **engine):
    facts = {"engine": "github", "program": "run.sh", "version": "2.330.0", "released": "2026-11-20"} | engine
    built = (NOON - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    base = {"distribution": "debian", "release": "trixie"}
    return images.read({"format": 1, "built_at": built, "base": base, "engines": [facts]})


def test_it_is_kept_with_what_we_use_of_it():
    assert an_image() == {
        "built_at": "2026-11-23T12:00:00Z",
        "distribution": "debian",
        "release": "trixie",
        "engines": [{"engine": "github", "version": "2.330.0", "released": "2026-11-20"}],
    }
    assert images.built_at(an_image()) == NOON - timedelta(days=1)


@pytest.mark.parametrize("said", [None, 5, "image", [], {}, {"built_at": 5}, {"built_at": "once"}])
def test_what_is_no_image_is_none(said):
    assert images.read(said) is None


json = st.recursive(
    st.none() | st.integers() | st.text(max_size=200), lambda one: st.lists(one, max_size=3), max_leaves=8
)


@given(st.dictionaries(st.sampled_from(["built_at", "base", "engines", "x"]), json))
def test_whatever_a_guest_says_is_read_or_left(said):
    image = images.read(said | {"built_at": "2026-11-24T10:00:00Z"})
    assert images.warnings(image, NOON) == [] or image["engines"]
    images.read(said)


@pytest.mark.parametrize("days, warns", [(14, False), (15, True)])
def test_an_image_older_than_two_weeks_warns(days, warns):
    assert any("The image is" in told for told in images.warnings(an_image(days), NOON)) == warns


@pytest.mark.parametrize(
    "engine, reason",
    [
        ({}, ""),
        ({"released": "2026-10-01"}, "54 days old"),
        ({"version": "2.328.9"}, "the minimum is 2.329.0"),
        ({"version": "2.1000.0"}, ""),
        ({"version": "dev", "released": None}, ""),
        ({"engine": "gitea", "released": "2020-01-01"}, ""),
    ],
)
def test_a_forge_that_wants_its_runner_fresh_gets_no_old_one(engine, reason):
    why = images.refusal_reason(an_image(**engine), "github", "2.329.0", NOON)
    assert reason in why and bool(reason) == bool(why)


def test_an_image_that_tells_nothing_is_not_refused_for_it():
    assert images.refusal_reason(None, "github", "2.329.0", NOON) == ""
    assert images.warnings(None, NOON) == []


def test_an_old_engine_of_a_patient_forge_only_warns():
    [told] = images.warnings(an_image(engine="gitea", version="0.2.10", released="2026-01-01"), NOON)
    assert told.startswith("the engine gitea 0.2.10 is 327 days old")
