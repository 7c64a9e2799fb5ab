"""From Spend to a statement, and its CSV adds up to what the page says."""

import csv

import pytest
from django.urls import reverse

from billing import ledger
from tests.browser import accessibility, chromium, open_page, sideways
from tfci.core.tft import Tft

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width, scripts", [(1280, True), (360, False)])
def test_a_statement_is_downloaded_and_its_rows_add_up_to_the_page(
    open_page, owner, house, now, width, scripts
):
    for number, use in enumerate(("job", "boot", "idle"), 1):
        facts = {"vm_id": 1, "pool_id": house.pool.pk, "pool": "default"}
        ledger.charge(house.vm.wallet, use, Tft(number * 12_345_677), now, use=use, **facts)
    size = {"width": width, "height": 800}
    page = open_page(
        owner, reverse("spend", args=[house.team.slug]), viewport=size, java_script_enabled=scripts
    )
    page.get_by_role("link", name="Statements").click()
    page.locator("tbody th a").first.click()
    page.get_by_role("heading", name="Statement for").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    opening, *rows, closing = csv.DictReader(download.value.path().read_text().splitlines())
    total = Tft.parse(opening["balance"]) + sum(Tft.parse(row["amount"]) for row in rows)
    assert len(rows) == 3
    assert total == Tft.parse(closing["balance"]) == ledger.balance(house.vm.wallet_id)
    assert page.get_by_role("row", name="Balance so far").get_by_text(str(total)).is_visible()
    assert sideways(page) <= 0
    assert not scripts or accessibility(page) == ""
