"""images/practice_engine against the practice forge, over real sockets: what it runs, tells and refuses."""

import itertools
import json
import os
import signal
import subprocess
import sys

import pytest

from tests.images.programs import IMAGES, alive
from tests.practice.forge.harness import Forge, a_place

NUMBERS = itertools.count(1)
HEAD = "on: push\njobs:\n  build:\n    runs-on: small\n"


@pytest.fixture(scope="module")
def forge(tmp_path_factory):
    forge = Forge(tmp_path_factory.mktemp("forge"))
    forge.control("PATCH", "/faults", {"queued_delay": 0.05})
    yield forge
    assert forge.stop() == 0


@pytest.fixture
def place(forge):
    return a_place(forge, f"engine{next(NUMBERS)}")


class Engine:
    """One runner of the place, in a folder of its own."""

    def __init__(self, place, folder, labels=("small",)):
        self.place, self.folder = place, folder
        folder.mkdir(exist_ok=True)
        runner = place.runner(*labels)
        facts = {"id": runner.id, "uuid": runner.uuid, "token": runner.token, "name": "r", "ephemeral": True}
        facts |= {"address": place.forge.url, "labels": [f"{label}:host" for label in labels]}
        (folder / ".runner").write_text(json.dumps(facts))
        self.runner = runner

    def start(self):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "OF_THE_MACHINE": "yes"}
        self.process = subprocess.Popen(
            [sys.executable, "-S", str(IMAGES / "practice_engine")],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self

    def end(self, seconds=20):
        """(exit code, what it printed)"""
        try:
            printed, _ = self.process.communicate(timeout=seconds)
        finally:
            self.process.kill()
        return self.process.returncode, printed


@pytest.fixture
def run(place, tmp_path):
    """Push a workflow whose last job is for an engine, run it to its end: (job, log)."""

    def run_one(workflow):
        job = place.push(workflow)[-1]
        code, printed = Engine(place, tmp_path / f"engine{next(NUMBERS)}").start().end()
        assert code == 0, printed
        return place.job(job["id"]), log_of(place, job)

    return run_one


def log_of(place, job):
    """The lines of a job's log without their times."""
    reply = place.get(f"{place.repo}/actions/jobs/{job['id']}/logs")
    return [line.partition(" ")[2] for line in reply.raw.decode().splitlines()]


def running(place, job):
    return place.job(job["id"])["status"] == "in_progress"


# A job that works


def test_a_job_runs_and_its_lines_and_steps_are_told(run, place):
    job, log = run(
        HEAD
        + """\
    steps:
    - name: say
      run: |
        echo hello
        echo again >&2
    - run: exit 0
"""
    )
    assert (job["status"], job["conclusion"]) == ("completed", "success")
    assert log == ["hello", "again"]
    assert place.runners() == []


def test_the_environment_comes_from_workflow_job_step_and_forge(run, place):
    job, log = run(
        """\
on: push
env: {A: workflow, B: workflow, C: workflow}
jobs:
  build:
    runs-on: small
    env:
      B: job of ${{ github.repository }}
      C: job
    steps:
    - env:
        C: step after ${{ env.B }}
        VERSION: "1.10"
      run: |
        echo "$A, $B, $C, $VERSION, $OF_THE_MACHINE"
        echo "$GITHUB_REF_NAME $GITHUB_EVENT_NAME $CI $GITHUB_JOB ${{ github.ref_name }} ${{ runner.os }}"
        test "$PWD" = "$GITHUB_WORKSPACE"
        grep -q refs/heads/main $GITHUB_EVENT_PATH
"""
    )
    assert job["conclusion"] == "success", log
    assert log == [
        f"workflow, job of {place.org}/app, step after job of {place.org}/app, 1.10, yes",
        "main push true build main Linux",
    ]


def test_steps_hand_on_variables_outputs_and_paths(run):
    job, log = run(
        HEAD
        + """\
    steps:
    - id: first
      run: |
        echo "COLOUR=green" >> $GITHUB_ENV
        printf 'LONG<<END\\none\\ntwo\\nEND\\n' >> $GITHUB_ENV
        echo "number=42" >> "$GITHUB_OUTPUT"
        mkdir bin && printf '#!/bin/sh\\necho tool' > bin/tool && chmod +x bin/tool
        echo "$PWD/bin" >> $GITHUB_PATH
    - run: echo "$COLOUR $LONG ${{ steps.first.outputs.number }} ${{ env.COLOUR }}"; tool
"""
    )
    assert job["conclusion"] == "success", log
    assert log == ["green one", "two 42 green", "tool"]


def test_working_directory_shell_and_defaults_are_kept(run):
    job, log = run(
        """\
on: push
defaults:
  run: {shell: sh}
jobs:
  build:
    runs-on: small
    steps:
    - run: mkdir -p a/b; echo ${BASH_VERSION:-no bash}
    - run: pwd | grep -o 'a/b$'; false | true; echo ${BASH_VERSION:+bash}
      working-directory: a/b
      shell: bash
"""
    )
    assert log[:2] == ["no bash", "a/b"]
    assert job["conclusion"] == "failure"  # bash runs with pipefail, as Gitea's runner has it


def test_a_matrix_cell_knows_its_values(run):
    job, log = run(
        HEAD
        + """\
    strategy:
      matrix:
        colour: [red]
        n: [1]
    steps:
    - run: echo ${{ matrix.colour }} ${{ matrix.n }} ${{ matrix.n == 1 && 'one' || 'other' }}
"""
    )
    assert job["conclusion"] == "success"
    assert log == ["red 1 one"]


# Secrets


def test_secrets_and_masked_words_are_not_in_the_log(run):
    job, log = run(
        HEAD
        + """\
    steps:
    - env:
        TOKEN: ${{ secrets.GITEA_TOKEN }}
      run: |
        echo "token <$TOKEN>" ${#TOKEN}
        echo ::add-mask::swordfish
        echo a swordfish swims
"""
    )
    assert job["conclusion"] == "success"
    assert log == ["token <***> 40", "a *** swims"]


# Jobs that fail, and what comes after


def test_after_a_failure_only_steps_that_ask_for_it_run(run):
    job, log = run(
        HEAD
        + """\
    steps:
    - run: exit 3
    - run: echo never
    - if: always()
      run: echo always ${{ job.status }}
    - if: ${{ failure() }}
      run: echo on failure
    - if: success() || false
      run: echo nor this
"""
    )
    assert job["conclusion"] == "failure"
    assert log == ["The step ended with exit code 3.", "always failure", "on failure"]


def test_a_forgiven_failure_is_none(run):
    job, log = run(
        HEAD
        + """\
    steps:
    - id: weak
      run: exit 1
      continue-on-error: true
    - if: steps.weak.outcome == 'failure' && steps.weak.conclusion == 'success'
      run: echo forgiven
"""
    )
    assert job["conclusion"] == "success"
    assert log[-1] == "forgiven"


def test_a_literal_if_is_obeyed(run):
    job, log = run(HEAD + "    steps:\n    - {if: false, run: echo no}\n    - {if: true, run: echo yes}\n")
    assert (job["conclusion"], log) == ("success", ["yes"])


CHECKOUT = HEAD + "    steps:\n    - uses: actions/checkout@v4\n    - run: cat docs/note.txt\n"


def test_checkout_brings_the_files_of_the_commit(place, run):
    place.write({"docs/note.txt": "as it was pushed\n"})
    job, log = run(CHECKOUT)
    assert job["conclusion"] == "success"
    assert log == [f"actions/checkout@v4: 3 files of {job['head_sha'][:10]}", "as it was pushed"]


def test_checkout_of_a_commit_whose_files_the_forge_has_no_more_is_passed_over_with_a_note(place, tmp_path):
    [job] = place.push(CHECKOUT)
    place.write({".gitea/workflows/ci.yml": CHECKOUT.replace("push", "workflow_dispatch")})
    Engine(place, tmp_path / "engine").start().end()
    note = "actions/checkout@v4 is skipped: the forge gives no files (HTTP Error 404: Not Found)."
    assert log_of(place, job)[0] == note


def test_checkout_of_something_else_fails_with_a_sentence(run):
    job, log = run(HEAD + "    steps:\n    - uses: actions/checkout@v4\n      with: {ref: other}\n")
    assert job["conclusion"] == "failure"
    assert log == ["actions/checkout@v4 can't be run: the practice engine knows no `with:` of it."]


@pytest.mark.parametrize(
    "rest, sentence",
    [
        (
            "    steps:\n    - uses: actions/setup-go@v5\n",
            "actions/setup-go@v5 can't be run: the practice engine runs only `run:` steps.",
        ),
        (
            "    steps:\n    - run: x\n      shell: python\n",
            "The practice engine runs steps with bash or sh, not with python.",
        ),
        (
            "    steps:\n    - run: echo ${{ hashFiles('x') }}\n",
            "The practice engine does not know the function hashFiles().",
        ),
        (
            "    container: alpine\n    steps:\n    - run: x\n",
            "The practice engine runs steps on the machine itself: it knows no `container:` of a job.",
        ),
        (
            "    steps:\n    - run: x\n      working-directory: nowhere\n",
            "The step can't be run: No such file or directory.",
        ),
        (
            '    steps:\n    - run: x\n      env: {A: "nul \\0"}\n',
            "The step can't be run: embedded null byte.",
        ),
        ("    steps:\n    - run: [x]\n", "The step has nothing to run."),
    ],
)
def test_what_it_can_t_do_fails_with_a_sentence(run, rest, sentence):
    job, log = run(HEAD + rest)
    assert job["conclusion"] == "failure"
    assert sentence in log[-1]


def test_a_job_that_makes_no_sense_is_told_as_failed(place, tmp_path):
    job = place.push(HEAD + "    env:\n      A: b\n    steps:\n    - uses: {a: b}\n")[0]
    code, printed = Engine(place, tmp_path / "e").start().end()
    assert (code, place.job(job["id"])["conclusion"]) == (1, "failure")
    assert log_of(place, job) == ["The practice engine broke down."]
    assert "TypeError" in printed


def test_a_step_that_floods_its_log_waits_for_the_forge(place, tmp_path):
    job = place.push(HEAD + "    steps:\n    - timeout-minutes: 0.03\n      run: yes\n")[0]
    engine = Engine(place, tmp_path / "e").start()
    assert engine.end(60)[0] == 0
    assert place.job(job["id"])["conclusion"] == "failure"
    assert log_of(place, job)[-1] == "The time limit of the step or its job was over."


def test_a_step_over_its_time_is_ended_with_its_children(run, tmp_path):
    job, log = run(
        HEAD
        + f"""\
    steps:
    - timeout-minutes: 0.01
      run: |
        sleep 300 &
        echo $! > {tmp_path}/child
        wait
"""
    )
    assert job["conclusion"] == "failure"
    assert log == ["The time limit of the step or its job was over."]
    assert not alive(int((tmp_path / "child").read_text()))


def test_a_step_ends_though_its_child_holds_its_output_open(run, tmp_path):
    job, log = run(HEAD + f"    steps:\n    - run: sleep 300 & echo $! > {tmp_path}/child; echo done\n")
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)
    assert (job["conclusion"], log) == ("success", ["done"])
