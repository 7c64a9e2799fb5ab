import pytest


@pytest.fixture(autouse=True)
def machines_may_run_jobs_of_any_forge(settings):
    settings.UNSAFE_LOCAL_JOBS = True
