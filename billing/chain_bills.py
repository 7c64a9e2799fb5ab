"""The chain's bills of our accounts: each is kept once, with the prices that were read at its time."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

from billing import wallets
from billing.models import ChainBill, Price, Twin
from tfci.core.optional import present
from tfci.grid.ports import Bill

FIRST = timedelta(days=7)  # before the first reading
OVERLAP = timedelta(days=2)  # a bill may be reported this late
AGE = timedelta(days=30)  # of a contract, since its first bill; the driver asks for none that is older
BATCH = 1_000


def read(twin_id: int) -> None:
    """Read what the chain has billed since the last time. Bills that were read before change nothing; one that is newer
    than our prices is left for the next time."""
    twin = Twin.objects.get(pk=twin_id)
    prices = _readings(twin)
    if not prices:
        return
    until = prices[-1].read_at
    begun = twin.bills_from or until - FIRST
    since = max(begun, twin.bills_read_to - OVERLAP) if twin.bills_read_to else begun
    bills = wallets.account(twin).bills(since, _complete(twin, since))
    rows = {(bill.contract_id, bill.at): _row(twin, bill, prices) for bill in bills if bill.at <= until}
    # A bill is known to be its contract's last only once the end is reported.
    ChainBill.objects.bulk_create(
        rows.values(),
        BATCH,
        update_conflicts=True,
        unique_fields=["twin", "contract_id", "at"],
        update_fields=["final"],
    )
    Twin.objects.filter(pk=twin_id).update(bills_from=begun, bills_read_to=until)


def _readings(twin: Twin) -> list[Price]:
    """Of its network, the oldest first: a row for each change."""
    return list(Price.objects.filter(network=twin.network).order_by("read_at", "pk"))


def _complete(twin: Twin, since: datetime) -> frozenset[int]:
    """Contracts that are over, with all their bills known."""
    final = ChainBill.objects.filter(twin=twin, final=True, at__gte=since - AGE)
    return frozenset(final.values_list("contract_id", flat=True))


def _row(twin: Twin, bill: Bill, prices: Sequence[Price]) -> ChainBill:
    lowest, highest, price = price_at(prices, bill.at)
    if bill.tft_musd:
        lowest = highest = bill.tft_musd
    return ChainBill(
        twin=twin,
        contract_id=bill.contract_id,
        at=bill.at,
        amount=bill.amount,
        discount_percent=bill.discount_percent,
        cu_price=price.cu,
        su_price=price.su,
        certified_percent=price.certified_percent,
        lowest_musd=lowest,
        highest_musd=highest,
        final=bill.final,
    )


def price_at(prices: Sequence[Price], at: datetime) -> tuple[int, int, Price]:
    """Between which two prices a TFT was then, and the reading of the others. Between two readings that differ it may
    have been either, or on its way; `at` is no later than the last reading."""
    place = bisect_left(prices, at, key=lambda price: price.read_at)
    price = prices[place]
    if place == 0 or (price.first_read_at and price.first_read_at <= at):
        return price.tft_musd, price.tft_musd, price
    before = prices[place - 1].tft_musd
    return min(before, price.tft_musd), max(before, price.tft_musd), price


def read_to() -> list[tuple[int, datetime]]:
    """Twins whose bills were read, and up to when."""
    rows = Twin.objects.exclude(bills_read_to=None).order_by("twin_id")
    return [(twin_id, present(at)) for twin_id, at in rows.values_list("twin_id", "bills_read_to")]
