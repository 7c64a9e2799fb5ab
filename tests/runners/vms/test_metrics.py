"""How loaded VMs were: what is kept of it, for how long, and how much room it takes."""

from datetime import timedelta

import pytest
from django.db import connection as database

from runners.models import VM, Load
from runners.vms import metrics
from tests.builders import NOON, a_load, a_node, a_vm

pytestmark = pytest.mark.django_db

MEGABYTE = 10**6


def seconds(count):
    return timedelta(seconds=count)


@pytest.fixture
def vm():
    return a_vm("busy")


def test_what_was_measured_comes_back_when_it_was_measured(vm):
    told = [[2.5, 0.412, 0.031, 812, 3204, 120, 3], [0.5, 1, 0, 8192, 51200, 0, 40000]]
    metrics.store(vm, {"samples": told, "load": 1.25, "oom_kills": 2}, NOON)
    first, second = metrics.samples(vm.loads.all())
    assert first["at"] == NOON - seconds(2.5) and second["at"] == NOON - seconds(0.5)
    assert (first["cpu"], first["steal"], second["cpu"]) == (412, 31, 1000)
    assert second["memory"] == 8192 and second["disk"] == 51200
    for name, number in {"memory": 812, "disk": 3204, "received": 120, "sent": 3}.items():
        assert first[name] == pytest.approx(number, rel=0.001, abs=0.5)
    assert vm.loads.get().load == 1.25 and vm.loads.get().oom_kills == 2


@pytest.mark.parametrize("number", [-5, 1e12])
def test_numbers_that_can_not_be_are_brought_within_what_can(vm, number):
    metrics.store(vm, {"samples": [[number] * 7], "load": 0, "oom_kills": 0}, NOON)
    [sample] = metrics.samples(vm.loads.all())
    assert sample["memory"] in (0, metrics.MAX_HALF_FLOAT * 1024)


def test_nothing_measured_is_no_row(vm):
    metrics.store(vm, {"samples": [], "load": 0, "oom_kills": 0}, NOON)
    assert not Load.objects.exists()


def test_heartbeats_that_come_too_soon_leave_no_row(vm):
    for n in range(100):
        a_load(vm, NOON + timedelta(milliseconds=50 * n))
    assert [load.at for load in vm.loads.order_by("at")] == [NOON + seconds(n) for n in range(5)]


def test_of_more_samples_than_an_agent_sends_the_newest_are_kept(vm):
    told = [[n, 0.5, 0, 1, 1, 0, 0] for n in range(99, -1, -1)]
    metrics.store(vm, {"samples": told, "load": 0, "oom_kills": 0}, NOON)
    found = metrics.samples(vm.loads.all())
    assert [sample["at"] for sample in found] == [
        NOON - seconds(n) for n in range(metrics.MAX_SAMPLES - 1, -1, -1)
    ]


@pytest.mark.parametrize("count, most", [(3, 3), (5, 3), (9, 3), (10, 3)])
def test_a_line_is_made_of_a_bounded_number_of_heartbeats(vm, monkeypatch, count, most):
    monkeypatch.setattr(metrics, "ROWS", most)
    for n in range(count):
        a_load(vm, NOON + seconds(n), cpu=n)
    found = [sample["cpu"] for sample in metrics.between(vm, NOON, NOON + seconds(count))]
    step = -(-count // most)
    assert found == list(range(step - 1, count, step))


def test_what_others_took_is_told_of_the_last_half_hour(vm):
    a_load(vm, NOON - timedelta(minutes=31), steal=900)
    a_load(vm, NOON - timedelta(minutes=29), steal=100)
    found = metrics.stolen(VM.objects.filter(pk=vm.pk))
    assert found == {vm.node_id: pytest.approx(100, rel=0.01)}


def test_only_the_time_asked_for_and_only_that_vm_is_shown(vm):
    for count in range(0, 60, 10):
        a_load(vm, NOON + seconds(count), cpu=count)
        a_load(a_vm(), NOON + seconds(count), cpu=999)
    found = metrics.between(vm, NOON + seconds(20), NOON + seconds(40))
    assert [sample["cpu"] for sample in found] == [20, 30, 40]


def test_samples_that_came_late_are_where_they_belong(vm):
    told = [[600, 0.1, 0, 1, 1, 0, 0], [1, 0.9, 0, 1, 1, 0, 0]]
    metrics.store(vm, {"samples": told, "load": 0, "oom_kills": 0}, NOON + seconds(610))
    assert [sample["cpu"] for sample in metrics.between(vm, NOON, NOON + seconds(60))] == [100]


def test_a_long_line_keeps_its_peaks_of_what_was_in_use_and_its_means_of_what_flowed(vm):
    for count in range(1000):
        a_load(vm, NOON + seconds(count), cpu=1000 * (count % 2), memory=count, received=10 * (count % 3))
    found = metrics.between(vm, NOON, NOON + seconds(1000))
    assert len(found) <= metrics.POINTS
    assert max(sample["memory"] for sample in found) == pytest.approx(999, abs=1)
    assert sum(sample["cpu"] for sample in found) / len(found) == pytest.approx(500, rel=0.02)


def test_samples_are_asked_for_rarely_once_a_job_runs_for_long(vm):
    assert metrics.sampling_interval(vm, vm.state_changed_at + timedelta(minutes=9)) == 1
    assert metrics.sampling_interval(vm, vm.state_changed_at + timedelta(minutes=11)) == metrics.COARSE


def test_old_ones_are_forgotten_and_new_ones_kept(vm):
    for days in (0, 6, 8):
        a_load(vm, NOON - timedelta(days=days))
    assert metrics.delete_before(NOON - timedelta(days=7)) == 1
    assert vm.loads.count() == 2


def test_a_day_of_ten_thousand_jobs_stays_below_200_mb_with_its_indexes():
    """A hundred jobs of ten minutes, with a minute of boot and standby; in the order in which a day brings them."""
    jobs = [a_vm("gone").pk for _ in range(100)]
    rows = [
        Load(
            vm_id=vm,
            at=NOON + seconds(10 * n + vm / 1000),
            load=1,
            oom_kills=0,
            samples=metrics.PACKED.pack(*[1] * 7) * (10 if n >= 6 else 1),
        )
        for n in range(66)
        for vm in jobs
    ]
    with database.cursor() as cursor:
        cursor.execute("TRUNCATE runners_load")  # what other tests rolled back takes room still
        Load.objects.bulk_create(rows)
        cursor.execute("SELECT pg_total_relation_size('runners_load')")
        [size] = cursor.fetchone()
    assert VM.objects.count() == len(jobs)
    assert 100 * size < 200 * MEGABYTE


def test_what_others_took_is_told_by_node(vm):
    other = a_vm("busy", node=a_node())
    for each, shares in ((vm, (10, 30)), (other, (500,))):
        for count, steal in enumerate(shares):
            a_load(each, NOON + seconds(count), steal=steal)
    found = metrics.stolen(VM.objects.filter(pk__in=[vm.pk, other.pk]))
    assert found == {vm.node_id: pytest.approx(20, rel=0.01), other.node_id: pytest.approx(500, rel=0.01)}
