from datetime import timedelta

import pytest
from django.utils import timezone

from runners.tasks import act
from tests.builders import an_org
from tests.worlds import a_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("stirred_at", "again"), [(timedelta(0), 1), (-timedelta(hours=1), 0)])
def test_where_something_stirs_it_is_asked_again_before_the_schedule_comes(
    sent, monkeypatch, stirred_at, again
):
    world, *_ = a_world()
    monkeypatch.setattr("runners.outside.WORLD", world)
    now = timezone.now()
    org = an_org(poll_at=now, stirred_at=now + stirred_at)
    act.ask(org_id=org.pk)
    act.ask(org_id=org.pk)  # not due
    assert sent == again * [("runners.tasks.act.ask", {"org_id": org.pk})]
