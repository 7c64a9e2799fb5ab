"""From a forge's webhook to the engine that is started on a VM standing by: a real job each time."""

import random
import time

from tests.bench.figures import percentile, shares, spread, verdict
from tests.bench.stage import LOOK, Stage
from tfci.management.up.waiting import until

JOBS, STANDBY = 50, 6
PATIENCE = 60  # seconds for a VM to stand by, and for an engine to start
WORKFLOW = """\
on:
  push:
    paths: [".gitea/workflows/{name}.yml"]
jobs:
  {name}:
    runs-on: small
    steps:
      - run: "true"
"""
FREE = """
    SELECT 1 FROM runners_vm vm WHERE state = 'standby' AND retire_reason = ''
        AND NOT EXISTS (SELECT 1 FROM runners_runner WHERE vm_id = vm.id)
"""
TIMES = """
    SELECT discovered_by, asked_for_id = job.id, extract(epoch FROM discovered_at)::float,
        extract(epoch FROM bound_at)::float, extract(epoch FROM registered_at)::float,
        extract(epoch FROM handed_over_at)::float, extract(epoch FROM runner.started_at)::float
    FROM runners_job job JOIN runners_runner runner ON job.id IN (runner.asked_for_id, runner.job_id)
    WHERE job.name = %s AND runner.started_at IS NOT NULL
"""  # a forge chooses by labels, so it may run on a VM that was bound for another
PHASES = (
    "the forge sends its webhook of the push -> heard",
    "heard -> bound to a standby (commit, reconcile)",
    "bound -> runner is being registered (queue, step)",
    "registered at the forge -> its agent has the order",
    "order -> engine started, and told so",
)


def measure(stage: Stage, tag: str) -> None:
    stage.pool(max_vms=4 * STANDBY, min_vms={"small": STANDBY}, linger_minutes=60)
    dice, phases, discovered_by, on_its_own = random.Random(13), {phase: [] for phase in PHASES}, [], []
    told = _told(stage, 0)
    for number in range(JOBS):
        until(lambda: stage.sql(FREE), PATIENCE, "a VM on standby")
        time.sleep(dice.uniform(0.1, 0.6))
        how, own, times = _one(stage, f"{tag}{number}")
        told = _told(stage, told[-1]["id"])
        points = [told[0]["tried"], *times]
        discovered_by.append(how)
        on_its_own.append(own)
        for place, phase in enumerate(PHASES):
            phases[phase].append(points[place + 1] - points[place])
    _tell(phases, discovered_by, on_its_own)
    stage.until_quiet()


def _one(stage: Stage, name: str) -> tuple[str, bool, list[float]]:
    """One job: how it was heard of, whether it runs on the VM that was bound for it, and when it passed each point."""
    stage.push(name, WORKFLOW.format(name=name))
    with stage.looking() as look:
        deadline = time.time() + PATIENCE
        while not (rows := look(TIMES, name)):
            if time.time() > deadline:
                raise TimeoutError(f"{name} was not started within {PATIENCE} s.")
            time.sleep(5 * LOOK)
    how, own, *times = rows[0]
    return how, own, times


def _told(stage: Stage, after: int) -> list[dict]:
    """The forge's webhooks of pushes after that delivery; `tried` is when it sent each."""
    return stage.at_forge("GET", f"/deliveries?event=push&after={after}")["deliveries"]


def _tell(phases: dict[str, list[float]], discovered_by: list[str], on_its_own: list[bool]) -> None:
    whole = [sum(parts) for parts in zip(*phases.values(), strict=True)]
    print(f"simulated  webhook -> engine started on a standby  {spread(whole)}")
    print(
        f"           p50 {verdict(percentile(whole, 0.5), 0.5)} s, p95 {verdict(percentile(whole, 0.95), 1)} s"
    )
    print(*(f"             {line}" for line in shares(phases)), sep="\n")
    polled = discovered_by.count("poll")
    print(
        f"             {polled} of {len(discovered_by)} heard of by asking at once after the webhook of the push",
        f"             {sum(on_its_own)} of {len(on_its_own)} on the VM that was bound for it",
        sep="\n",
    )
