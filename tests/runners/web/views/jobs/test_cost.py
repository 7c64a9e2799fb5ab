"""What a job cost, on its page."""

import pytest

from billing import ledger
from tests.builders import NOON
from tests.runners.web.views.finished import over, page_of
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def test_the_cost_of_a_job_that_runs_is_the_time_since_its_first_step(owner, house, now):
    shown = owner.get(house.address("job")).context["cost"]
    hour = house.vm.quote.per_hour
    assert hour.share(120, 3600) <= shown <= hour.share(150, 3600)


def test_a_job_stands_beside_what_others_ask_for_the_same_minutes(owner, house):
    job = over(house, done_cause="exited", job={"conclusion": "success"})
    ledger.charge(job.vm.wallet, "c1", Tft.parse("0.2"), NOON, use="job", job_id=job.pk, vm_id=job.vm_id)
    page = page_of(owner, house, job).text
    assert "GitHub equivalent" in page
    assert "$0.0360" in page  # six started minutes on 2 vCPU
    assert "as of 2026-11-24" in page
