"""A VM that comes back for a further job, against one that is made for it."""

from tests.bench.figures import spread
from tests.bench.stage import Stage
from tfci.management.up.waiting import until

JOBS = 8
PATIENCE = 90  # seconds for one job
WORKFLOW = """\
on:
  push:
    paths: [".gitea/workflows/{name}.yml"]
jobs:
  {name}:
    runs-on: small
    steps:
      - run: sleep 4
"""
OVER = "SELECT 1 FROM runners_job WHERE name = %s AND state = 'completed'"
FREE = "SELECT 1 FROM runners_vm WHERE state IN ('standby', 'gone') AND id = (SELECT max(id) FROM runners_vm)"
TOOK = "SELECT extract(epoch FROM claimed_at - {since})::float FROM {table} WHERE claimed_at IS NOT NULL AND id > %s"


def measure(stage: Stage, tag: str) -> None:
    """Each job waits until the one before is over: then it finds the VM that came back, or a new one."""
    new = _took(stage, f"{tag}new", "runners_vm", "created_at", reuse="never", linger_minutes=0)
    again = _took(
        stage, f"{tag}again", "runners_refresh", "began_at", reuse="organisation", linger_minutes=60
    )
    print(f"simulated  wanted -> agent's claim, a new VM       {spread(new)}")
    print(f"simulated  job over -> agent's claim, after a refresh   {spread(again)}")
    stage.pool(reuse="never")
    stage.until_quiet()


def _took(stage: Stage, tag: str, table: str, since: str, **rule) -> list[float]:
    """Seconds that each VM took, over some jobs one after the other."""
    stage.pool(max_vms=1, min_vms={}, **rule)
    [(before,)] = stage.sql(f"SELECT coalesce(max(id), 0) FROM {table}")
    for number in range(JOBS):
        name = f"{tag}{number}"
        stage.push(name, WORKFLOW.format(name=name))
        until(lambda name=name: stage.sql(OVER, name), PATIENCE, f"{name} to end")
        until(lambda: stage.sql(FREE), PATIENCE, "its VM to be free or gone")
    return [seconds for (seconds,) in stage.sql(TOOK.format(since=since, table=table), before)]
