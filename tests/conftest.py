import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings
from hypothesis import HealthCheck, settings

from tests import migrated
from tests.idle import until_idle
from tests.people import Visitor

# On a computer that does much else any example may take long: that says nothing of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("busy"), max_examples=10)  # of coverage, not of luck
settings.load_profile("busy")


def pytest_make_parametrize_id(val, argname):
    """Some tests get a text of a million characters; their names need not hold it."""
    return f"long_{argname}" if isinstance(val, str) and len(val) > 200 else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated.DATABASE


@pytest.fixture(scope="session", autouse=True)
def quick_settings():
    """What costs each test a tenth of a second and none is about: a strong hash of a password, and a list of all
    static files for each client."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def flushes_past_triggers():
    """Tests with transactions of their own empty all tables at their end, and the ledger would refuse."""
    plain = DatabaseOperations.sql_flush

    def flush(*args, **options):
        statements = plain(*args, **options)
        return ["SET LOCAL session_replication_role = replica", *statements] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", flush)
        yield


@pytest.fixture
def client():
    return Visitor()


@pytest.fixture
def live_server(live_server, transactional_db):
    yield live_server
    until_idle()
