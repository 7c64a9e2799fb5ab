"""A job that is over, and its page."""

from datetime import timedelta

from django.urls import reverse

from tests.builders import NOON, a_job, a_runner, a_vm


def over(house, **fields):
    """A job whose runner ended so."""
    job = {"conclusion": "failure", "run_id": "5"} | fields.pop("job", {})
    end = {"done_at": NOON + timedelta(minutes=6)} | fields
    vm = a_vm("gone", house.pool, contract_created_at=NOON)
    times = {"started_at": NOON, "completed_at": end["done_at"], "read_at": end["done_at"]}
    made = a_job(house.connection, "completed", pool=house.pool, vm=vm, **times | job)
    a_runner(vm, made, job=made, bound_at=NOON, registered_at=NOON, started_at=NOON, taken_at=NOON, **end)
    return made


def page_of(client, house, job):
    return client.get(reverse("job", args=[house.team.slug, job.pk]))
