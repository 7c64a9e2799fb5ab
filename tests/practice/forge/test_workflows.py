"""Workflow files, read without a forge."""

import pytest

from practice.forge import workflows
from practice.forge.expressions import fill

CONTEXT = {"github": {"ref_name": "main", "empty": ""}, "inputs": {"n": 3}}


def plan(jobs, **head):
    return workflows.plan({"on": "push", "jobs": jobs, **head}, CONTEXT, "title")


def names(strategy):
    return [job.name for job in plan({"a": {"runs-on": "x", "strategy": {"matrix": strategy}}}).jobs]


@pytest.mark.parametrize(
    "text, filled",
    [
        ("plain", "plain"),
        ("v${{ github.nothing || 7 }}-${{ true }}", "v7-true"),
        ("${{ github.ref_name }}", "main"),
        ("a-${{github.ref_name}}-${{ inputs.n }}", "a-main-3"),
        ("${{ github.nothing }}", ""),
        ("${{ github.empty || 'it''s' }}", "it's"),
        ("${{ nobody.knows.this || github.ref_name }}", "main"),
    ],
)
def test_expressions_are_filled_in_and_unknown_names_are_empty(text, filled):
    assert fill(text, CONTEXT) == filled


@pytest.mark.parametrize(
    "matrix, expected",
    [
        ({"n": [1, 2]}, ["a (1)", "a (2)"]),
        ({"b": ["x"], "a": [1, 2]}, ["a (1, x)", "a (2, x)"]),
        ({"n": [1, 2], "exclude": [{"n": 1}]}, ["a (2)"]),
        ({"n": [1], "include": [{"n": 1, "extra": "e"}]}, ["a (e, 1)"]),
        ({"n": [1], "include": [{"n": 5}]}, ["a (1)", "a (5)"]),
        ({"include": [{"n": 5}, {"n": 6}]}, ["a (5)", "a (6)"]),
        ({"n": 7}, ["a (7)"]),
        ({"n": [True, 1.5]}, ["a (1.5)", "a (true)"]),
        ({}, ["a"]),
    ],
)
def test_a_matrix_has_the_cells_that_gitea_gives_it(matrix, expected):
    assert names(matrix) == expected


def test_a_name_with_an_expression_gets_no_brackets():
    job = {"name": "on ${{ matrix.n }}", "runs-on": "x", "strategy": {"matrix": {"n": [1]}}}
    assert plan({"a": job}).jobs[0].name == "on 1"


def test_a_runner_gets_its_job_alone_without_needs_and_with_one_cell():
    job = {"runs-on": "x", "strategy": {"matrix": {"n": [1, 2]}}, "steps": [{"run": "a\nb\n"}]}
    both = plan({"a": job, "b": {"needs": "a", "runs-on": "y"}}, name="both", env={"E": "on"})
    first = workflows.parse(both.jobs[0].text)
    assert (first["name"], first["env"], list(first["jobs"])) == ("both", {"E": "on"}, ["a"])
    assert first["jobs"]["a"]["strategy"] == {"matrix": {"n": [1]}}
    assert first["jobs"]["a"]["steps"] == [{"run": "a\nb\n"}]
    assert "needs" not in workflows.parse(both.jobs[2].text)["jobs"]["b"]
    assert both.jobs[2].needs == ("a",)


@pytest.mark.parametrize("script", ["one\n  two\nend\n", "\none\n  two\nend\n", "  one\ntwo\n"])
def test_a_script_reaches_its_runner_with_the_blanks_that_it_has(script):
    [job] = plan({"a": {"runs-on": "x", "steps": [{"run": script}]}}).jobs
    assert workflows.parse(job.text)["jobs"]["a"]["steps"] == [{"run": script}]


def test_words_that_older_yaml_takes_for_truth_values_are_quoted():
    text = plan({"a": {"runs-on": "x", "env": {"A": "yes"}}}).jobs[0].text
    assert '"on": push' in text and 'A: "yes"' in text


@pytest.mark.parametrize(
    "text, reason",
    [
        ("on: [push\n", "expected"),
        ("just words", "needs `on`"),
        ("on: push", "at least one job"),
        ("on: push\njobs: {}", "at least one job"),
        ("on: 3\njobs: {a: {}}", "needs `on`"),
        ("on: push\njobs: {a: words}", "the job a is no mapping"),
        ("on: push\njobs: {a: {steps: words}}", "the steps of the job a"),
        ("on: push\njobs: {a: {steps: [words]}}", "the steps of the job a"),
        ("on: push\njobs: {a: {strategy: words}}", "the strategy of the job a"),
        ("on: push\njobs: {a: {strategy: {matrix: {include: words}}}}", "include of the matrix"),
    ],
)
def test_what_is_no_workflow_says_why(text, reason):
    with pytest.raises(workflows.Invalid, match=reason):
        workflows.parse(text)


@pytest.mark.parametrize(
    "pattern, name, hit",
    [
        ("main", "main", True),
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("release/**", "release/1/2", True),
        ("**/docs/*.md", "docs/a.md", True),
        ("v?.0", "v1.0", True),
        ("v?.0", "v1x0", False),
    ],
)
def test_patterns_match_as_paths_do(pattern, name, hit):
    assert bool(workflows.glob(pattern).fullmatch(name)) is hit


def test_a_later_pattern_with_a_bang_takes_back():
    workflow = {"on": {"push": {"branches": ["release/*", "!release/old"]}}}
    assert workflows.started_by_push(workflow, "release/new", [])
    assert not workflows.started_by_push(workflow, "release/old", [])


def test_steps_are_named_by_name_action_or_command():
    steps = [{"name": "n", "run": "x"}, {"uses": "a/b@v1"}, {"run": "echo hi\n"}]
    assert plan({"a": {"runs-on": "x", "steps": steps}}).jobs[0].steps == ("n", "a/b@v1", "echo hi")


def test_a_run_name_is_the_title():
    assert plan({"a": {"runs-on": "x"}}, **{"run-name": "for ${{ github.ref_name }}"}).title == "for main"
    assert plan({"a": {"runs-on": "x"}}).title == "title"
