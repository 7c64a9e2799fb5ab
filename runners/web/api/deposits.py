"""Deposits: where the team pays TFT in, and what came in."""

from typing import Any, Literal

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from billing.cashier import addresses, cashiers, deposits
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Tft, Time
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")
Kind = Literal["transfer", "mint", "unnamed"]
KIND = Field(
    description="`transfer`: on TFChain; `mint`: from Stellar by ThreeFold's bridge; `unnamed`: found at the address "
    "after a long outage."
)


class SeenShown(Schema):
    amount: Tft
    kind: Kind = KIND
    block_number: int
    at: Time


class AddressShown(Schema):
    address: str = Field(
        description="On TFChain; the team's own. It changes only if the operator replaces the cashier's account."
    )
    twin_id: int = Field(description="Number of the address's twin: a way to name the address in wallets.")
    memo: str = Field(description="Memo, of type text, for a payment from Stellar to ThreeFold's bridge.")
    bridge: str | None = Field(
        description="Stellar address of the bridge; null if the operator has not configured it."
    )
    earlier_addresses: list[str] = Field(
        description="From before the last change. TFT sent there still counts."
    )
    seen: list[SeenShown] = Field(description="Deposits in blocks that are not final; not credited yet.")


class DepositShown(Schema):
    id: int
    at: Time = Field(description="Time of the block.")
    amount: Tft
    kind: Kind = KIND
    source: str = Field(description="Address that paid; empty if it was not on TFChain, or is not known.")
    stellar_transaction: str = Field(description="Transaction on Stellar; empty if there is none.")
    block_number: int
    credited_at: Time | None = Field(description="Null while the operator has to check the address.")


@router.get("/address", auth=READ, response={200: AddressShown} | problems.responses(404))
def read_deposit_address(request: TokenRequest) -> dict[str, Any]:
    """A new team has its address within a minute or two. 404 before that, and if the operator has set up no payments in
    TFT."""
    cashier = cashiers.current()
    found = addresses.of_team(cashier, request.team) if cashier else None
    if cashier is None or found is None:
        raise problems.Stop(
            404, "This team has no deposit address yet. Try again in a minute, or ask the operator."
        )
    earlier = addresses.earlier(cashier, request.team)
    return {
        "address": found.address,
        "twin_id": found.twin_id,
        "memo": addresses.memo(found),
        "bridge": settings.BRIDGE or None,
        "earlier_addresses": [each.address for each in earlier],
        "seen": deposits.seen([found, *earlier]),
    }


@router.get("", auth=READ, response={200: lists.Page[DepositShown]} | problems.responses())
def list_deposits(request: TokenRequest, query: Query[lists.ListQuery]) -> dict[str, Any]:
    """Final deposits, newest first."""
    return lists.page(request, deposits.of_team(request.team), query, _shown)


def _shown(rows: list[deposits.Transfer]) -> list[dict[str, Any]]:
    names = ("id", "at", "amount", "kind", "source", "stellar_transaction", "block_number")
    return [{name: getattr(row, name) for name in names} | {"credited_at": row.booked_at} for row in rows]
