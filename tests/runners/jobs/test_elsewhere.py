"""The database counts minutes as each service counts them job by job, and leaves out what can't be compared."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from billing import ledger
from runners.jobs import elsewhere
from runners.models import Job
from tests.builders import NOON, a_connection, a_job, a_pool, a_vm
from tests.people import client_of
from tfci.core.list_prices.current import GITHUB, PEERS
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ran():
    """ran(took, cpu, **fields): a job that is over."""
    connection = a_connection()
    pool = a_pool(connection.team, [connection])

    def make(took, cpu=2, **fields):
        times = {"started_at": NOON, "completed_at": NOON + took}
        return a_job(connection, "completed", pool=pool, vm=a_vm("gone", pool, cpu=cpu), **times | fields)

    make.team = connection.team
    return make


def compare(ran):
    return elsewhere.compare(ran.team, NOON, NOON + DAY)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.timedeltas(timedelta(microseconds=1), timedelta(hours=2)), st.sampled_from([1, 2, 4, 16])
        ),
        min_size=1,
        max_size=5,
    )
)
def test_each_services_bill_is_the_sum_of_its_charges_for_each_job(ran, jobs):
    Job.objects.filter(team=ran.team).delete()
    for took, cpu in jobs:
        ran(took, cpu)
    bills = {bill.peer.name: bill.usd for bill in compare(ran).bills}
    for peer in PEERS:
        charged = sum(peer.charge(cpu, took) for took, cpu in jobs)
        assert abs(bills[peer.name] - charged) < Decimal("1e-12")


def test_a_job_that_started_and_ended_in_the_same_second_counts_as_a_second(ran):
    ran(timedelta())
    found = compare(ran)
    assert (found.jobs, found.left_out, found.github.minutes) == (1, 0, 1)


def test_what_cannot_be_compared_is_counted_apart_in_minutes_and_in_cost(ran):
    jobs = [ran(timedelta(minutes=3)), ran(timedelta(minutes=3), cpu=32)]
    jobs += [ran(timedelta(minutes=3), labels=["arm64", "small"])]
    wallet = jobs[0].vm.wallet
    for number, job in enumerate(jobs, 5):
        ledger.charge(wallet, str(job.pk), Tft(number), NOON, use="job", job_id=job.pk, vm_id=job.vm_id)
    found = compare(ran)
    assert (found.jobs, found.left_out, found.cost) == (1, 2, Tft(5))
    assert (found.github.minutes, found.github.usd) == (3, 3 * GITHUB.per_minute[2])


def test_nothing_is_said_of_days_without_a_job_that_ran(ran):
    ran(timedelta(minutes=3), discovered_at=NOON + DAY)
    ran(-timedelta(seconds=1))
    assert compare(ran) is None


def test_spend_asks_for_it_unless_it_shows_a_part_only(ran):
    job = ran(timedelta(minutes=3), discovered_at=timezone.now(), repository="acme/app")
    client, address = client_of("viewer", job.team), reverse("spend_elsewhere", args=[job.team.slug])
    page = reverse("spend", args=[job.team.slug])
    asked = re.search(f'hx-get="({address}[^"]*)"', client.get(page).text)[1].replace("&amp;", "&")
    said = f"These 3 minutes would have cost $0.0180 at GitHub’s list price of {GITHUB.as_of}."
    for headers in ({}, {"HX-Request": "true"}):
        assert said in client.get(asked, headers=headers).text
    assert f"{page}?{asked.partition('?')[2]}" in client.get(asked).text.replace("&amp;", "&")
    assert address not in client.get(page, {"repository": "acme/app"}).text


def test_days_without_a_job_say_so_on_their_own_page_and_nothing_on_spend(ran):
    team = ran(timedelta(minutes=3)).team  # long ago
    client, address = client_of("viewer", team), reverse("spend_elsewhere", args=[team.slug])
    assert "No jobs to compare" in client.get(address).text
    assert not client.get(address, headers={"HX-Request": "true"}).text.strip()
    assert client.get(address, {"since": "x"}).url.startswith(reverse("spend", args=[team.slug]))
