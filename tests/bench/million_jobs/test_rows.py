"""The rows of a million jobs go with the tables of today: the newest of them, written and read."""

import pytest
from django.utils import timezone

from runners.models import Job, Load
from runners.vms import metrics
from tests.bench.million_jobs import rows


@pytest.mark.django_db
def test_the_newest_of_the_million_are_written_and_can_be_read():
    house = rows.write(timezone.now(), oldest=999_001)
    assert Job.objects.count() == 1000
    assert house.job.vm == house.vm and house.team == house.pool.team
    [sample] = metrics.samples(Load.objects.filter(vm=house.vm)[:1])[:1]
    assert (sample["cpu"], sample["memory"], sample["disk"]) == (400, 4096, 20480)
