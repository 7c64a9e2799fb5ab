"""The signing lease: kept while its holder lives, and no longer."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from billing import wallets
from tests.builders import a_twin


@pytest.mark.django_db(transaction=True)
def test_a_long_act_keeps_the_lease(monkeypatch):
    monkeypatch.setattr(wallets, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(wallets, "RENEW", timedelta(seconds=0.1))
    twin, now = a_twin(), timezone.now
    with wallets.signing(twin.pk, now(), now) as mine:
        assert mine == twin
        for _ in range(15):
            time.sleep(0.1)
            with wallets.signing(twin.pk, now(), now) as other:
                assert other is None
    with wallets.signing(twin.pk, now(), now) as other:
        assert other == twin


def test_a_turn_that_failed_gives_the_lease_back(db):
    twin, now = a_twin(), timezone.now
    with pytest.raises(ZeroDivisionError), wallets.signing(twin.pk, now(), now):
        raise ZeroDivisionError
    with wallets.signing(twin.pk, now(), now) as next_one:
        assert next_one == twin
