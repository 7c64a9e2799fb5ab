"""A burst of jobs, and twenty runners that ask all the time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.practice.forge.harness import until

RUNNERS, JOBS = 20, 200
WORKFLOW = f"""\
on: push
jobs:
  part:
    runs-on: small
    strategy: {{matrix: {{n: {list(range(JOBS // 2))}}}}}
    steps: [{{run: "true"}}]
"""


def work(place, left):
    """Register for one job after the other until there are none."""
    while left():
        runner = place.runner("small")
        while left():
            if task := runner.fetch():
                runner.log(task, "done")
                runner.end(task)
                break
            time.sleep(0.25)


def test_two_hundred_jobs_end_once_each_and_every_event_is_told(place, receiver):
    place.hook(receiver, "workflow_job")
    place.write({f".gitea/workflows/{name}.yml": WORKFLOW for name in "ab"})
    over = threading.Event()

    def left():
        return not over.is_set()

    with ThreadPoolExecutor(RUNNERS) as pool:
        workers = [pool.submit(work, place, left) for _ in range(RUNNERS)]
        try:
            until(lambda: ended(place) == JOBS, 180)
        finally:
            over.set()
        for worker in workers:
            worker.result()
    jobs = place.jobs()
    assert {(job["conclusion"], job["run_attempt"]) for job in jobs} == {("success", 1)}
    assert len({job["runner_id"] for job in jobs}) == JOBS
    receiver.wait_for("completed/success", count=JOBS, patience=180)
    assert len(receiver.heard) == 3 * JOBS


def ended(place):
    return place.get(f"/orgs/{place.org}/actions/jobs?status=completed&page=1&limit=1").json["total_count"]
