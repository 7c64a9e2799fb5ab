"""Workflows move to other labels, and to the last byte nothing else of them changes."""

import json
import string
from io import StringIO

import pytest
from hypothesis import given, strategies as some
from ruamel.yaml import YAML

from runners.connections import workflow_text
from runners.connections.workflow_text import MigrationOrder, UnreadableWorkflow, propose

HERE = MigrationOrder(["small"], lambda labels: "tfgrid" in labels)
TWO = MigrationOrder(["tfgrid", "8x"], lambda labels: False)


def job(value):
    return f"on: push\njobs:\n  build:\n    runs-on: {value}\n    steps:\n      - run: make # ubuntu-latest\n"


def moved(value, asked=HERE):
    return propose(job(value), asked).jobs[0]


@pytest.mark.parametrize(
    ("before", "after", "after_two"),
    [
        ("ubuntu-latest", "small", '[tfgrid, "8x"]'),
        ("ubuntu-latest  # the newest", "small  # the newest", '[tfgrid, "8x"]  # the newest'),
        ("'ubuntu-22.04'", "'small'", "['tfgrid', '8x']"),
        ('"ubuntu-24.04"', '"small"', '["tfgrid", "8x"]'),
        ("ubuntu-latest-16-cores", "small", '[tfgrid, "8x"]'),
        ("[self-hosted, linux, x64]", "small", '[tfgrid, "8x"]'),
        ("[ 'ubuntu-latest' ]", "'small'", "['tfgrid', '8x']"),
        ("\n      - self-hosted\n      - linux", "\n      - small", '\n      - tfgrid\n      - "8x"'),
        ("\n    - ubuntu-latest", "\n    - small", '\n    - tfgrid\n    - "8x"'),
    ],
)
def test_what_names_a_hosted_vm_moves_in_its_own_manner(before, after, after_two):
    assert propose(job(before), HERE).text == job(after)
    assert propose(job(before), TWO).text == job(after_two)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("${{ matrix.os }}", "It is an expression, “${{ matrix.os }}”: change it by hand."),
        ("ubuntu-${{ matrix.version }}", "It is an expression, “ubuntu-${{ matrix.version }}”"),
        ("[self-hosted, '${{ inputs.size }}']", "It is an expression"),
        ("{group: big, labels: [x]}", workflow_text.GROUP),
        ("{group: '${{ inputs.group }}'}", "It is an expression"),
        ("&where ubuntu-latest", workflow_text.SHARED),
        ("\n      - ubuntu-latest # the newest\n      - x64", workflow_text.COMMENTS),
        ("|\n      ubuntu-latest", workflow_text.ODD),
        ("[[ubuntu-latest]]", workflow_text.ODD),
        ("", workflow_text.NO_LABEL),
        ("[]", workflow_text.NO_LABEL),
        ("[tfgrid, small]", workflow_text.OURS),
        ("windows-latest", "It asks for “windows-latest”, but VMs run Linux on x86-64."),
        ("macos-14", "It asks for “macos-14”"),
        ("ubuntu-24.04-arm", "It asks for “ubuntu-24.04-arm”"),
        ("[self-hosted, linux, arm64]", "It asks for “arm64”"),
        ("[self-hosted, gpu]", "“gpu” may be one of your own runners."),
        ("[docker, fast]", "“docker”, “fast” may be one of your own runners."),
    ],
)
def test_what_must_not_move_stays_and_says_why(value, why):
    found = propose(job(value), HERE)
    assert found.text == job(value)
    assert (found.changes, found.jobs[0].now) == (0, "")
    assert found.jobs[0].why.startswith(why)


def test_labels_that_may_be_of_ones_own_runners_move_where_that_is_wished():
    every = MigrationOrder(["small"], HERE.ours, every=True)
    assert moved("[self-hosted, gpu]", every).now == "small"
    assert moved("docker", every).now == "small"
    assert moved("macos-14", every).now == moved("${{ matrix.os }}", every).now == ""


def test_a_job_that_calls_another_workflow_or_takes_its_runs_on_from_elsewhere_is_left_to_it():
    text = (
        "jobs:\n  a: &a\n    runs-on: ubuntu-latest\n  b:\n    uses: ./.gitea/workflows/x.yml\n"
        "  c:\n    <<: *a\n  d: *a\n"
    )
    found = propose(text, HERE)
    assert [(one.job, one.line, one.now, one.why) for one in found.jobs] == [
        ("a", 3, "small", ""),
        ("b", 4, "", workflow_text.REUSED),
        ("c", 6, "", workflow_text.NO_RUNS_ON),
        ("d", 8, "", workflow_text.SHARED),
    ]
    assert found.text == text.replace("ubuntu-latest", "small")


def test_an_alias_moves_neither_what_it_stands_for_nor_itself():
    text = "x: &where ubuntu-latest\njobs:\n  a:\n    runs-on: *where\n  b:\n    runs-on: [*where, x64]\n"
    found = propose(text, HERE)
    assert (found.text, [one.why for one in found.jobs]) == (
        text,
        [workflow_text.SHARED, workflow_text.SHARED],
    )


@pytest.mark.parametrize("part", ["container: node:22", "services: {db: {image: postgres}}"])
def test_what_needs_docker_moves_with_a_warning(part):
    found = propose(job("ubuntu-latest") + f"    {part}\n", HERE)
    assert (found.jobs[0].now, found.jobs[0].why) == ("small", workflow_text.DOCKER)


def test_line_ends_of_other_systems_and_odd_spaces_are_kept():
    text = "jobs:\r\n  é: \r\n    runs-on:   ubuntu-latest  \r\n    \r\n  b: { runs-on : ubuntu-latest }"
    assert propose(text, HERE).text == text.replace("ubuntu-latest", "small")
    text = "jobs:\r\n  a:\r\n    runs-on:\r\n      - ubuntu-latest\r\n"
    assert propose(text, TWO).text == 'jobs:\r\n  a:\r\n    runs-on:\r\n      - tfgrid\r\n      - "8x"\r\n'


def test_a_workflow_in_json_stays_json():
    text = json.dumps({"on": "push", "jobs": {"a": {"runs-on": ["ubuntu-latest"], "steps": []}}}, indent=1)
    assert json.loads(propose(text, TWO).text)["jobs"]["a"]["runs-on"] == ["tfgrid", "8x"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no jobs"),
        ("on: push", "no jobs"),
        ("jobs: all", "no jobs"),
        ("jobs: [", "not YAML: .* in line 1"),
        ("jobs: {}\n---\njobs: {}", "not YAML"),
        ("jobs:\n\t- x", "not YAML"),
        ("jobs: {a: {runs-on: \x00}}", "not YAML"),
        ("[" * 5000, "This YAML can't be read"),
        ("jobs: \ufffd", "not UTF-8"),
    ],
)
def test_what_is_no_workflow_says_so(text, why):
    with pytest.raises(UnreadableWorkflow, match=why):
        propose(text, HERE)


WORD = some.text(string.ascii_letters + string.digits + "-_. é#:'\"", min_size=1, max_size=12)
VALUE = some.one_of(
    some.sampled_from(["ubuntu-latest", "windows-2022", "gpu", "self-hosted", "${{ matrix.os }}"]),
    some.lists(some.sampled_from(["ubuntu-22.04", "linux", "x64", "gpu"]), max_size=3),
    some.none(),
)
JOBS = some.dictionaries(
    WORD, some.fixed_dictionaries({"runs-on": VALUE, "name": WORD}), min_size=1, max_size=5
)


@given(JOBS, some.lists(WORD, min_size=1, max_size=3), some.booleans())
def test_only_runs_on_changes_and_it_says_what_was_asked_for(jobs, labels, block):
    text = _dump({"on": "push", "jobs": jobs}, block)
    before, found = _load(text), propose(text, MigrationOrder(labels, lambda _: False))
    after = _load(found.text)
    for one in found.jobs:
        if one.now:
            wanted = labels if len(labels) > 1 or _is_block(found.text, after, one) else labels[0]
            assert after["jobs"][one.job].pop("runs-on") in (wanted, labels)
            before["jobs"][one.job].pop("runs-on")
    assert after == before
    if not found.changes:
        assert found.text == text


@given(some.text(string.printable + "é\u2028\x85", max_size=200))
def test_whatever_stands_in_a_file_is_refused_or_kept(text):
    try:
        found = propose(text, HERE)
    except UnreadableWorkflow:
        return
    assert found.changes or found.text == text


def _is_block(text, said, one):
    return isinstance(said["jobs"][one.job]["runs-on"], list)


def _dump(value, block):
    if not block:
        return json.dumps(value, ensure_ascii=False)
    yaml, out = YAML(pure=True), StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _load(text):
    return YAML(typ="safe", pure=True).load(text)
