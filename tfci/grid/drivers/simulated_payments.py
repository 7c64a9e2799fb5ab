"""TFT that moves on the simulated grid's chain (PaymentChain), and one account's acts (Payer), over its HTTP API."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from tfci.core.http_client import Client, Policy
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.core.untyped import Json
from tfci.grid import addresses
from tfci.grid.drivers.simulated import TITLE, account_of, ask, signed_header, time_of
from tfci.grid.outcomes import outcome
from tfci.grid.payment_ports import (
    ERA,
    BridgeFees,
    CarriedOut,
    ChainBlock,
    Failed,
    OpenAddresses,
    OpenTwin,
    Outcome,
    Pay,
    PaymentCall,
    SignedCall,
    SwapToStellar,
    Sweep,
    TransferKind,
    TransferSeen,
)

TERMS = {
    "is": "UserAcceptTc",
    "document_link": "https://library.threefold.me/info/legal",
    "document_hash": "practice",
}
CREATE_TWIN = {"is": "CreateTwin", "relay": None, "pk": None}
WALLET = "practice wallet"  # the words of one whose TFT anybody may pay with
CallJson = dict[str, Any]


class SimulatedPaymentChain:
    title = TITLE

    def __init__(self, url: str, policy: Policy) -> None:
        self._client = Client(url, policy)

    def genesis(self) -> str:
        return f"0x{self._ask('GET', '/chain')['genesis']}"

    def final(self) -> ChainBlock:
        return _block(self._ask("GET", "/chain")["final"])

    def heads(self) -> tuple[ChainBlock, ChainBlock]:
        answer = self._ask("GET", "/chain")
        return _block(answer["final"]), _block(answer["best"])

    def block_hash(self, number: int) -> str | None:
        found = self._ask("GET", f"/chain/hashes/{number}")["hash"]
        return f"0x{found}" if found else None

    def block(self, number: int) -> ChainBlock | None:
        found = self._ask("GET", f"/chain/blocks/{number}")["block"]
        return _block(found) if found else None

    def transfers(self, block_hash: str, watched: Collection[str]) -> list[TransferSeen]:
        return [
            _transfer(entry) for entry in self._of_accounts("/chain/transfers", list(watched), block_hash)
        ]

    def balances(self, addresses: Sequence[str], block_hash: str) -> Mapping[str, Tft]:
        held = self._of_accounts("/chain/balances", addresses, block_hash)
        return {address: Tft(amount) for address, amount in zip(addresses, held, strict=True)}

    def twins(self, addresses: Sequence[str], block_hash: str) -> Mapping[str, int]:
        found = self._of_accounts("/chain/twins", addresses, block_hash)
        return {address: twin for address, twin in zip(addresses, found, strict=True) if twin}

    def bridge_fees(self) -> BridgeFees:
        answer = self._ask("GET", "/chain/bridge")
        return BridgeFees(Tft(answer["deposit_fee"]), Tft(answer["withdraw_fee"]))

    def _of_accounts(self, path: str, of: Sequence[str], block_hash: str) -> Json:
        body = {"block": _digits(block_hash), "accounts": [_account(address) for address in of]}
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **call: Any) -> Json:
        return ask(self._client, self.title, method, path, **call)


class SimulatedPayer(SimulatedPaymentChain):
    """Its account is its words' digest."""

    def __init__(self, url: str, mnemonic: Secret, policy: Policy) -> None:
        super().__init__(url, policy)
        self._mnemonic = mnemonic

    def address(self) -> str:
        return addresses.encode(account_of(self._mnemonic))

    def sub_address(self, index: int) -> str:
        return addresses.sub_address(self.address(), index)

    def fee(self, call: PaymentCall) -> Tft:
        return Tft(self._ask("POST", "/chain/fee", json={"call": self._written(call)})["fee"])

    def sign(self, call: PaymentCall) -> SignedCall:
        born, nonce = self.final().number, self.next_nonce()
        about = {
            "account": _account(self.address()),
            "nonce": nonce,
            "call": self._written(call),
            "born": born,
        }
        raw = json.dumps(about).encode()
        digest = hashlib.blake2b(raw, digest_size=32).hexdigest()
        return SignedCall(f"0x{raw.hex()}", f"0x{digest}", nonce, born, born + ERA)

    def send(self, signed: SignedCall) -> None:
        headers = signed_header(self._mnemonic)
        self._ask("POST", "/chain/acts", json={"bytes": signed.data}, headers=headers)

    def outcome(self, signed: SignedCall) -> Outcome:
        """Blocks of this chain are final at once."""
        final, used = self.final().number, self.next_nonce()
        return outcome(signed, final, used, partial(self._in_block, signed))

    def next_nonce(self) -> int:
        return self._ask("GET", f"/chain/accounts/{_account(self.address())}")["nonce"]

    def _in_block(self, signed: SignedCall, number: int) -> CarriedOut | Failed | None:
        answer = self._ask("GET", f"/chain/blocks/{number}/acts/{_digits(signed.hash)}")
        if not (act := answer["act"]):
            return None
        block, fee = _block(answer["block"]), Tft(act["fee"])
        if act["error"]:
            return Failed(block, fee, act["error"])
        return CarriedOut(block, fee, act["failed_calls"], act["burn_id"])

    def _written(self, call: PaymentCall) -> CallJson:
        """As the simulated chain reads calls."""
        match call:
            case Pay(target, amount):
                return _pay(target, amount)
            case SwapToStellar(target, amount):
                stellar = {"bytes": target.encode().hex()}
                return {"is": "SwapToStellar", "target_stellar_address": stellar, "amount": int(amount)}
            case OpenTwin():
                return _batch("BatchAll", [TERMS, CREATE_TWIN])
            case OpenAddresses(indexes, amount):
                return _batch("ForceBatch", [self._opening(index, amount) for index in indexes])
            case Sweep(amounts):
                own = self.address()
                return _batch("ForceBatch", [_derived(index, _pay(own, amount)) for index, amount in amounts])

    def _opening(self, index: int, amount: Tft) -> CallJson:
        """All or none; the twin before the payment, so that who has one is not paid again."""
        twin = [_derived(index, TERMS), _derived(index, CREATE_TWIN)]
        return _batch("BatchAll", [*twin, _pay(self.sub_address(index), amount)])


def _pay(target: str, amount: Tft) -> CallJson:
    return {"is": "TransferKeepAlive", "dest": {"bytes": _account(target)}, "value": int(amount)}


def _derived(index: int, call: CallJson) -> CallJson:
    return {"is": "AsDerivative", "index": index, "call": call}


def _batch(kind: str, calls: list[CallJson]) -> CallJson:
    return {"is": kind, "calls": calls}


def _transfer(entry: Mapping[str, Any]) -> TransferSeen:
    source = entry["source"]
    return TransferSeen(
        entry["index"],
        TransferKind.TRANSFER if source else TransferKind.MINT,
        addresses.encode(bytes.fromhex(source)) if source else "",
        addresses.encode(bytes.fromhex(entry["target"])),
        Tft(entry["amount"]),
        entry["stellar_transaction"],
    )


def _block(entry: Mapping[str, Any]) -> ChainBlock:
    return ChainBlock(entry["number"], f"0x{entry['hash']}", f"0x{entry['parent']}", time_of(entry["at"]))


def _account(address: str) -> str:
    return addresses.decode(address).hex()


def _digits(shown: str) -> str:
    return shown.removeprefix("0x")
