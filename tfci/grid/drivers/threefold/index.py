"""What a ThreeFold network's proxy has read from the chain: an account's contracts, and their bills.

It lags behind the chain by seconds, at times by minutes. So it shows what to ask the chain for, and the past; never
the present state. Shapes and parameters are those of threefoldtech/tfgrid-sdk-go, grid-proxy/pkg/types.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec

from tfci.core.http_client import Client, FetchError, Policy
from tfci.core.tft import Tft
from tfci.grid.drivers.threefold import chain
from tfci.grid.ports import DISCOUNT_LEVELS, Bill, Unavailable

PAGE = 500
PAGES = 40  # at most, of one list: 20,000 contracts, or the bills of two years
TIMEOUT = 30.0  # seconds a page, as long as the proxy takes itself
LIVING, DELETED = "Created,GracePeriod", "Deleted"
MAX_AGE = timedelta(days=30)  # bills of older contracts are not read
T = TypeVar("T")


class Indexed(msgspec.Struct):
    """One contract for a deployment on a node."""

    contract_id: int
    state: str
    created_at: int
    details: dict[str, Any]

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.created_at, UTC)

    @property
    def data(self) -> Mapping[str, Any]:
        return chain.data(self.details.get("deployment_data") or "")


class Billed(msgspec.Struct, rename={"amount": "amountBilled", "discount": "discountReceived"}):
    amount: int
    timestamp: int
    discount: str = "None"


class Index:
    """The first of the proxy's addresses that answers."""

    def __init__(self, urls: Sequence[str], policy: Policy) -> None:
        self._clients = [Client(url, policy, timeout=TIMEOUT) for url in urls]

    def newest(self) -> int:
        """The number of the last contract that it has read, anybody's."""
        params = {"size": 1, "page": 1, "sort_by": "contract_id", "sort_order": "desc"}
        return max((entry.contract_id for entry in self._get("/contracts", params, Indexed)), default=0)

    def living(self, twin_id: int) -> list[Indexed]:
        """Those that it does not know to be deleted."""
        return list(self._all("/contracts", {"twin_id": twin_id, "type": "node", "state": LIVING}, Indexed))

    def made_since(self, twin_id: int, since: datetime) -> Iterator[Indexed]:
        """Deleted ones too, the newest first."""
        params = {"twin_id": twin_id, "type": "node", "sort_by": "contract_id", "sort_order": "desc"}
        for entry in self._all("/contracts", params, Indexed):
            if entry.at < since:
                return
            yield entry

    def bills(self, contract: Indexed) -> list[Bill]:
        """All of one contract, the newest first: that of its end is there once its end is."""
        billed = self._all(f"/contracts/{contract.contract_id}/bills", {}, Billed)
        ended = contract.state == DELETED
        return [
            Bill(
                contract.contract_id,
                Tft(bill.amount),
                datetime.fromtimestamp(bill.timestamp, UTC),
                DISCOUNT_LEVELS.get(bill.discount, 0),
                final=ended and number == 0,
            )
            for number, bill in enumerate(billed)
        ]

    def _all(self, path: str, params: dict[str, Any], shape: type[T]) -> Iterator[T]:
        """Page after page, until one is not full."""
        for page in range(1, PAGES + 1):
            entries = self._get(path, params | {"page": page, "size": PAGE}, shape)
            yield from entries
            if len(entries) < PAGE:
                return

    def _get(self, path: str, params: dict[str, Any], shape: type[T]) -> list[T]:
        errors = []
        for client in self._clients:
            try:
                return _read(partial(client.request, "GET", path, params=params), shape)
            except (FetchError, Unavailable, msgspec.ValidationError) as error:
                errors.append(f"{client.origin}: {error}")
        raise Unavailable(f"The grid's proxy gave no list of contracts: {' '.join(errors)}")


def _read(request: Callable[[], Any], shape: type[T]) -> list[T]:
    answer = request()
    if answer.status != 200:
        raise Unavailable(f"It answered {answer.status}.")
    return msgspec.convert(answer.json() or [], list[shape], strict=False)  # type: ignore[valid-type]  # made here
