"""The practice engine as a runner: when its jobs come, and how they end."""

import signal

from tests.images.programs import alive
from tests.images.test_practice_engine import HEAD, Engine, forge, log_of, place, run, running
from tests.practice.forge.harness import Forge, a_place, until

__all__ = ["forge", "place", "run"]


# Runners and their ends


def test_a_waiting_engine_takes_a_job_that_comes_later(place, tmp_path):
    engine = Engine(place, tmp_path / "e").start()
    until(lambda: place.runners()[0]["status"] == "online")
    job = place.push(HEAD + "    steps:\n    - run: echo late\n")[0]
    assert engine.end()[0] == 0
    assert place.job(job["id"])["conclusion"] == "success"


def test_lines_are_told_while_the_step_runs(place, tmp_path):
    job = place.push(HEAD + "    steps:\n    - run: echo first; sleep 3; echo last\n")[0]
    engine = Engine(place, tmp_path / "e").start()
    until(lambda: running(place, job) and log_of(place, job) == ["first"], 3)
    assert engine.end()[0] == 0
    assert log_of(place, job) == ["first", "last"]


def test_ten_thousand_lines_arrive_whole(run):
    job, log = run(HEAD + "    steps:\n    - run: seq 10000\n")
    assert job["conclusion"] == "success"
    assert log == [str(number) for number in range(1, 10001)]


def test_very_long_lines_are_cut_and_arrive(run):
    long = "head -c 900000 /dev/zero | tr '\\0' x; echo"
    job, log = run(HEAD + f"    steps:\n    - run: {long}; {long}\n")
    assert job["conclusion"] == "success"
    assert max(map(len, log)) == 64 * 1024
    assert set("".join(log)) == {"x"}


def test_a_cancelled_job_stops_its_step(place, tmp_path):
    job = place.push(HEAD + f"    steps:\n    - run: echo $$ > {tmp_path}/step; exec sleep 300\n")[0]
    engine = Engine(place, tmp_path / "e").start()
    step = int(until(lambda: (tmp_path / "step").exists() and (tmp_path / "step").read_text()))
    assert place.cancel(job["run_id"]).status < 300
    code, printed = engine.end(10)
    assert code == 0
    assert "the forge took it back" in printed
    until(lambda: not alive(step))


def test_sigterm_cancels_the_job_and_says_so(place, tmp_path):
    job = place.push(
        HEAD + f"    steps:\n    - run: touch {tmp_path}/step; sleep 300\n    - run: echo never\n"
    )[0]
    engine = Engine(place, tmp_path / "e").start()
    until(lambda: (tmp_path / "step").exists())
    engine.process.send_signal(signal.SIGTERM)
    assert engine.end(10)[0] == 0
    assert place.job(job["id"])["conclusion"] == "cancelled"
    assert log_of(place, job) == ["The job was cancelled."]


def test_a_runner_that_the_forge_does_not_know_is_told(place, tmp_path):
    engine = Engine(place, tmp_path / "e")
    place.forge.api("DELETE", f"/orgs/{place.org}/actions/runners/{engine.runner.id}", token=place.token)
    assert engine.start().end() == (1, "The forge does not know this runner.\n")


def test_it_goes_on_while_the_forge_is_away(tmp_path):
    forge = Forge(tmp_path / "forge")
    place = a_place(forge, "away")
    job = place.push(HEAD + f"    steps:\n    - run: touch {tmp_path}/step; sleep 2; echo after\n")[0]
    engine = Engine(place, tmp_path / "e").start()
    until(lambda: (tmp_path / "step").exists())
    port = forge.port
    forge.kill()
    until(lambda: engine.process.poll() is None)
    forge.start(port)
    assert engine.end()[0] == 0
    assert place.job(job["id"])["conclusion"] == "success"
    assert log_of(place, job) == ["after"]
    forge.kill()
