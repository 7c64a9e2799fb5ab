import pytest
from django.core.cache import cache

from tests.forges.app_world import apps, github  # noqa: F401


@pytest.fixture(autouse=True)
def vms_may_run_jobs_of_any_forge(settings):
    settings.UNSAFE_LOCAL_JOBS = True


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """Of tests before: medians and merged nudges lie in the cache for seconds."""
    cache.clear()


@pytest.fixture
def sent(monkeypatch):
    """What was enqueued, as (task, ids): the broker is outside."""
    messages = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task",
        lambda app, task, kwargs, **_: messages.append((task, kwargs)),
    )
    return messages
