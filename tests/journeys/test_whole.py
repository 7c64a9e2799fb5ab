"""`make run` as a person sees it: started, hurt, ended, and started again. The last of the journeys, for none could
follow: what begins again here has the pace of a real chain."""

import os
import signal
import subprocess

import pytest

from tests.journeys.people import JOURNEY
from tests.journeys.product import READY, UP
from tests.practice.forge.harness import ROOT
from tfci.management.up.ready import FROM_DEMO
from tfci.management.up.waiting import until

pytestmark = JOURNEY


def test_it_says_how_to_sign_in_and_writes_it_down_for_its_owner_only(run):
    ready = run.ready()
    assert set(ready) == {"url", "forge_url", "grid", *FROM_DEMO}
    assert all(ready.values())
    assert run.ready_file.stat().st_mode & 0o777 == 0o600
    assert ready["url"] in run.words()
    assert ready["email"] in run.words()
    assert ready["password"] in run.words()
    assert "on this computer only" in run.words()


def test_a_second_one_in_the_same_home_says_why_not(run):
    second = subprocess.run(UP, cwd=ROOT, env=run.environment, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert "already runs" in second.stdout
    assert run.healthy()


@pytest.mark.parametrize(
    "word",
    ["postgres", *(pytest.param(word, marks=pytest.mark.proof) for word in ("granian", "caddy", "valkey"))],
)
def test_a_process_that_is_killed_comes_back_and_all_goes_on(run, word):
    killed = run.child(word)
    os.kill(killed, signal.SIGKILL)
    until(lambda: run.child(word) not in (0, killed) and run.healthy(), 40, f"the next {word}")


@pytest.mark.proof  # as the next one, and slower
def test_it_ends_leaving_no_process_and_starts_again_as_it_was(run):
    before = run.ready()
    assert run.end() == 0
    assert not run.ready_file.exists()
    until(lambda: not run.left(), 5, "the last process")
    run.begin()
    run.reaches(READY)
    assert run.ready() == before


def test_one_that_was_killed_leaves_no_process_and_its_successor_is_not_taken_for_ready(run):
    os.kill(run.child("granian"), signal.SIGKILL)  # whose workers nobody but the kernel can end any more
    run.process.kill()
    run.process.wait()
    until(lambda: not run.left(), 20, "the last process")
    assert run.ready_file.exists()
    run.begin()
    run.reaches("Migrating the database")
    assert not run.ready_file.exists()
    run.reaches(READY)
    assert run.healthy()
