"""Events by API."""

import pytest

from runners.models import Event
from tests.builders import NOON, a_connection, a_job, a_pool, a_vm
from tfci.core.reasons import Other, columns

pytestmark = pytest.mark.django_db


def test_events_are_found_by_what_they_are_of(reader, team):
    pool = a_pool(team, [a_connection(team)])
    vm, job = a_vm("standby", pool), a_job(pool.connections.get())
    made = {
        "vm": Event.objects.create(
            team=team, vm=vm, was="booting", now="standby", **columns(Other("claimed")), at=NOON
        ),
        "job": Event.objects.create(team=team, job=job, **columns(Other("refused")), at=NOON),
        "pool": Event.objects.create(team=team, pool=pool, **columns(Other("wanted 1")), at=NOON),
    }
    assert reader.get("/events").ids == [made[kind].pk for kind in ("pool", "job", "vm")]
    for kind, row in (("vm", vm), ("job", job), ("pool", pool)):
        assert reader.get("/events", **{kind: row.pk}).ids == [made[kind].pk]
    assert reader.get("/events", vm=vm.pk).items[0] == {
        "id": made["vm"].pk,
        "at": "2026-06-01T12:00:00.000Z",
        "was": "booting",
        "now": "standby",
        "reason": {"code": "other", "params": {"text": "claimed"}, "text": "claimed", "owner": "farmhand"},
        "vm_id": vm.pk,
        "job_id": None,
        "pool_id": None,
    }
