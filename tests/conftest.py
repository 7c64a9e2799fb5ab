import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password well takes a tenth of a second, which no test is about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
