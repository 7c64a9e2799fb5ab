import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests import migrated
from tests.people import Visitor

# On a computer that does much else any example may take long: that says nothing of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("busy"), max_examples=10)  # of coverage, not of luck
settings.load_profile("busy")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated.DATABASE


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password well takes a tenth of a second, which no test is about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client():
    return Visitor()
