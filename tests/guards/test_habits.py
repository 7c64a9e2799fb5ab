"""What runs around our work, by git and by forges: hooks and workflows, which may not know more than the Makefile."""

import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv/bin"
HOOKS = ".pre-commit-config.yaml"
WORKFLOWS = [".gitea/workflows/ci.yaml", ".github/workflows/ci.yaml"]


def read(path):
    return YAML(typ="safe").load(ROOT / path)


def hooks():
    return [hook for repository in read(HOOKS)["repos"] for hook in repository["hooks"]]


def steps(path):
    [job] = read(path)["jobs"].values()
    return job["steps"]


def test_the_hooks_can_be_read_by_the_tool_that_runs_them():
    checked = subprocess.run([TOOLS / "prek", "validate-config", HOOKS], cwd=ROOT, capture_output=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_each_hook_is_a_line_of_make_test(hook):
    """With options of its own: a hook may mend, and looks at what is committed alone."""
    recipe = (ROOT / "Makefile").read_text().partition("\ntest:")[2].partition("\n\n")[0]
    assert f"\n\t{hook['entry'].partition(' --')[0]}" in recipe
    assert hook["language"] == "system"


def test_workflows_follow_githubs_schema():
    check = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS]
    checked = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", WORKFLOWS)
def test_a_workflow_checks_out_and_calls_what_ci_runs(path):
    checkout, run = steps(path)
    assert checkout["uses"].partition("@")[0] == "actions/checkout"
    assert run["run"].endswith("bash .ci/run")


def test_both_workflows_run_at_the_same_events():
    gitea, github = (read(path)["on"] for path in WORKFLOWS)
    assert gitea == github
