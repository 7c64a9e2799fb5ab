"""How a job ran, on its page."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_load
from tests.runners.web.views.finished import over, page_of

pytestmark = pytest.mark.django_db


def test_steps_and_load_share_one_axis_and_the_failed_step_is_marked(owner, house):
    steps = [
        {"name": "checkout", "started_at": NOON.isoformat(), "completed_at": later(20)},
        {"name": "make test", "started_at": later(20), "completed_at": later(300)},
        {"name": "upload", "started_at": None, "completed_at": None},
    ]
    job = over(house, done_cause="exited", job={"steps": steps})
    load = {"cpu": 900, "steal": 10, "memory": 4096, "disk": 2048, "received": 512}
    for seconds in (30, 40):
        a_load(job.vm, NOON + timedelta(seconds=seconds), **load)
    page = page_of(owner, house, job).text
    assert "Failed step: <code>make test</code>" in page
    axis, _, numbers = page.partition("Usage per step")
    told = axis.rindex("make test"), page.index(">failed<"), page.index("upload"), page.index("not started")
    assert sorted(told) == list(told)
    assert "peak 90.0 %" in page
    assert "peak 4.0 GB" in page
    assert "20.0 MB, <br>0 kB" in page  # 512 KiB a second, for the 40 s until its last sample
    assert "The whole run" in numbers and "make test" in numbers
    assert "checkout" not in numbers  # nothing was measured in it


def test_what_its_agent_summed_up_counts_more_than_what_was_drawn(owner, house):
    job = over(house, done_cause="exited")
    for seconds in (30, 40):
        a_load(job.vm, NOON + timedelta(seconds=seconds), cpu=100, memory=100)
    told = {
        "mean_cpu": 333,
        "peak_cpu": 999,
        "peak_memory": 7168,
        "peak_disk": 10240,
        "received": 9 << 30,
        "sent": 0,
    }
    job.vm.runners.update(**told)
    page = page_of(owner, house, job).text
    for words in ("peak 99.9 %, <br> mean 33.3 %", "peak 7.0 GB", "peak 10.0 GB", "9.0 GB, <br>0 kB"):
        assert words in page


def test_a_job_whose_vm_told_next_to_nothing_has_no_lines(owner, house):
    job = over(house, done_cause="exited")
    a_load(job.vm, NOON + timedelta(seconds=30))
    assert "card-pad uses" not in page_of(owner, house, job).text


def later(seconds):
    return (NOON + timedelta(seconds=seconds)).isoformat()
