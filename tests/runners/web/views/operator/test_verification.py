"""What the operator sees of the nightly check of the ledger."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from billing.models import Verification

pytestmark = pytest.mark.django_db


def shown(operator):
    page = operator.get("/operator/").text
    return page.partition('id="h-ledger"')[2].partition("</section>")[0]


def test_before_the_first_night_the_page_says_so(house, operator):
    assert "Not verified yet" in shown(operator)


def test_the_newest_result_is_shown(house, operator):
    Verification.objects.create(
        at=datetime(2026, 6, 1, tzinfo=UTC), seconds=1, entries=7, differences=[["vm", 2]]
    )
    card = shown(operator)
    assert "<code>vm</code> 2" in card and "Entries: 7" in card and "manage.py verify" in card
    now = timezone.now()
    Verification.objects.create(at=now - timedelta(hours=3), seconds=1, entries=8)
    card = shown(operator)
    assert "Adds up" in card and "Entries: 8" in card and "3 h ago" in card and "manage.py" not in card
