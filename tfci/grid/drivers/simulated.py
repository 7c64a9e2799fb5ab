"""The simulated grid (practice/grid), over its HTTP API."""

import hashlib
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tfci.core.http_client import Client, FetchError, Policy
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.core.untyped import Json
from tfci.grid import addresses
from tfci.grid.payment_ports import StateGone
from tfci.grid.ports import (
    DISCOUNT_LEVELS,
    AccountFacts,
    Bill,
    Deployment,
    FarmSeen,
    GridError,
    Holdings,
    NodeSeen,
    Order,
    OutOfFunds,
    Prices,
    Refusal,
    Removed,
    Unavailable,
)
from tfci.grid.reasons import AccountLacksFunds, AccountUnknown, DeploymentFailed

ACT = 180.0  # seconds that a deploy or a remove may take; the chain does an account's acts one by one
MIB, GIB = 2**20, 2**30
PAGE = 500
TITLE = "simulated grid"


class SimulatedAccount:
    """One chain account: its machines (Deployer) and its money (Chain)."""

    title = TITLE

    def __init__(self, url: str, mnemonic: Secret, policy: Policy) -> None:
        self._client = Client(url, policy)
        self._mnemonic = mnemonic

    def deploy(self, orders: Sequence[Order]) -> list[Deployment | Refusal]:
        body = {"machines": [_order_json(order) for order in orders]}
        return [_outcome(entry) for entry in self._ask("POST", "/machines", json=body, timeout=ACT)]

    def list_vms(self, prefix: str) -> list[Deployment]:
        return [_deployed(entry) for entry in self._ask("GET", "/machines", params={"prefix": prefix})]

    def remove(self, names: Sequence[str]) -> list[Removed]:
        answer = self._ask("POST", "/machines/remove", json={"names": list(names)}, timeout=ACT)
        return [Removed(entry["name"], time_of(entry["ended_at"])) for entry in answer]

    def now(self) -> datetime:
        return time_of(self._ask("GET", "/clock")["now"])

    def balance(self) -> Tft:
        return Tft(self._ask("GET", "/account")["free"])

    def holdings(self) -> Holdings:
        answer = self._ask("GET", "/account")
        return _holdings(answer)

    def facts(self) -> AccountFacts:
        """Blocks of this chain are final at once, and nobody has to show who they are."""
        account = account_of(self._mnemonic)
        answer = self._ask("GET", f"/chain/accounts/{account.hex()}")
        twin_id = answer["twin_id"]
        return AccountFacts(
            address=addresses.encode(account),
            twin_id=twin_id,
            accepted_terms=answer["accepted_terms"],
            verified=twin_id is not None,
            signing=False,
            holdings=_holdings(answer),
        )

    def prices(self) -> Prices:
        answer = self._ask("GET", "/prices")
        return Prices(
            cu=answer["cu"],
            su=answer["su"],
            tft_musd=answer["tft_musd"],
            read_at=time_of(answer["now"]),
            certified_percent=answer["certified_percent"],
        )

    def bills(self, since: datetime, complete: Container[int] = ()) -> list[Bill]:
        params = {"since": int(since.timestamp())}
        return [_bill(entry) for entry in self._ask("GET", "/account/bills", params=params)]

    def _ask(self, method: str, path: str, **call: Any) -> Json:
        return ask(self._client, self.title, method, path, headers=signed_header(self._mnemonic), **call)


class SimulatedCatalog:
    """What the grid offers (Catalog)."""

    title = TITLE

    def __init__(self, url: str, policy: Policy) -> None:
        self._client = Client(url, policy)

    def nodes(self) -> Iterator[NodeSeen]:
        return map(_node, self._all("/nodes"))

    def farms(self) -> Iterable[FarmSeen]:
        return map(_farm, self._all("/farms"))

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        """Read all pages: the last one is not full."""
        page = 1
        entries: list[dict[str, Any]] = []
        while page == 1 or len(entries) == PAGE:
            params = {"page": page, "size": PAGE}
            entries = ask(self._client, self.title, "GET", path, params=params)
            yield from entries
            page += 1


def ask(client: Client, title: str, method: str, path: str, **call: Any) -> Json:
    """The answer's JSON, or one of the port's errors."""
    try:
        answer = client.request(method, path, **call)
        body = answer.json()
    except FetchError as error:
        raise Unavailable(f"The {title} gave no answer: {error}") from None
    if answer.status == 200:
        return body
    message = body.get("error") if isinstance(body, dict) else None
    raise _refused(title, answer.status, message or f"status {answer.status}")


def account_of(mnemonic: Secret) -> bytes:
    """The words' digest."""
    return hashlib.sha256(" ".join(mnemonic.reveal().split()).encode()).digest()


def signed_header(mnemonic: Secret) -> dict[str, str]:
    words = mnemonic.reveal().split()
    if not words or not all(word.isascii() and word.isalnum() for word in words):
        raise GridError(AccountUnknown())  # a header can't carry it, and the error about that would show it
    return {"Authorization": f"Bearer {' '.join(words)}"}


def _refused(title: str, status: int, message: str) -> GridError:
    if status == 401:
        return GridError(AccountUnknown())
    if status == 410:
        return StateGone(f"The {title} no longer keeps what is asked for.")
    if status == 402:
        return OutOfFunds(AccountLacksFunds(message))
    if status >= 500:
        return Unavailable(f"The {title} is in trouble: {message}.")
    return GridError(f"The {title} refused: {message}.")


def _order_json(order: Order) -> dict[str, Any]:
    return {
        "name": order.name,
        "node_id": order.node_id,
        "cpu": order.cpu,
        "memory": order.memory,
        "disk": order.disk,
        "image": order.image,
        "environment": {name: secret.reveal() for name, secret in order.environment.items()},
    }


def _outcome(entry: dict[str, Any]) -> Deployment | Refusal:
    if "refused" in entry:
        return Refusal(entry["name"], DeploymentFailed(entry["refused"]), entry["node_at_fault"])
    return _deployed(entry)


def _deployed(entry: dict[str, Any]) -> Deployment:
    return Deployment(
        name=entry["name"],
        node_id=entry["node_id"],
        contract_ids=tuple(entry["contract_ids"]),
        created_at=time_of(entry["created_at"]),
        addresses=entry["addresses"],
        running=entry["running"],
    )


def _holdings(answer: dict[str, Any]) -> Holdings:
    usable, stash, reserved = (Tft(answer[name]) for name in ("usable", "stash", "reserved"))
    return Holdings(usable, stash, reserved, time_of(answer["now"]))


def _bill(entry: dict[str, Any]) -> Bill:
    return Bill(
        contract_id=entry["contract_id"],
        amount=Tft(entry["amountBilled"]),
        at=time_of(entry["timestamp"]),
        discount_percent=DISCOUNT_LEVELS[entry["discountReceived"]],
        tft_musd=entry["tft_musd"],
    )


def _farm(entry: dict[str, Any]) -> FarmSeen:
    return FarmSeen(
        farm_id=entry["farmId"],
        name=entry["name"],
        certified=entry["certificationType"] == "Gold",
        dedicated=entry["dedicated"],
    )


def _node(entry: dict[str, Any]) -> NodeSeen:
    total, used, place = entry["total_resources"], entry["used_resources"], entry["location"]
    return NodeSeen(
        node_id=entry["nodeId"],
        farm_id=entry["farmId"],
        farm_name=entry["farmName"],
        country=entry["country"],
        region=entry["region"],
        city=entry["city"],
        up=entry["status"] == "up",
        healthy=entry["healthy"],
        certified=entry["certificationType"] == "Certified",
        dedicated=entry["dedicated"],
        total_cru=total["cru"],
        total_mru=total["mru"] // MIB,
        total_sru=total["sru"] // GIB,
        used_cru=used["cru"],
        used_mru=-(-used["mru"] // MIB),
        used_sru=-(-used["sru"] // GIB),
        free_cru=max(0, total["cru"] - used["cru"]),
        free_mru=max(0, total["mru"] - used["mru"]) // MIB,
        free_sru=max(0, total["sru"] - used["sru"]) // GIB,
        uptime=entry["uptime"],
        longitude=place["longitude"],
        latitude=place["latitude"],
        price_usd=entry["price_usd"],
        features=tuple(entry["features"]),
    )


def time_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
