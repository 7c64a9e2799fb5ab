"""What a node answers of its storage: each item, read from the model's state after a block."""

from dataclasses import dataclass

from substrateinterface.utils.hasher import xxh128

from practice.chain.blocks import Block
from practice.chain.prices import CU, SU
from practice.chain.state import State
from tests.counterparts.threefold import wire
from tests.counterparts.threefold.pallets import PALLETS

NOBODY = "0x" + "00" * 32
PLACE = 32  # bytes of a key that say in which list it is; 16 of a hash follow
READ = {}


@dataclass
class After:
    """The state after this block."""

    block: Block
    state: State


def item(pallet, name):
    def keep(read):
        place = bytes(xxh128(pallet.encode()) + xxh128(name.encode()))
        READ[place] = (PALLETS[pallet].storage[name], read)
        return read

    return keep


def encoded(runtime, after, key):
    """What stands under a key; None for nothing."""
    if key[:PLACE] not in READ:
        return None
    (of_map, shape, *_), read = READ[key[:PLACE]]
    value = read(after, key[PLACE + 16 :]) if of_map else read(after)
    if value is None or isinstance(value, bytes):
        return value
    return runtime.encoded(shape, value)


def _number(key):
    return int.from_bytes(key, "little")


@item("System", "Account")
def account(after, key):
    found = after.state.accounts.get(key)
    if found is None:
        return None
    data = {"free": found.free, "reserved": found.reserved, "frozen": found.frozen, "flags": 0}
    return {"nonce": found.nonce, "consumers": 0, "providers": 1, "sufficients": 0, "data": data}


@item("System", "Number")
def number(after):
    return after.block.number


@item("Timestamp", "Now")
def now(after):
    return after.block.at * 1000


@item("Balances", "TotalIssuance")
def issuance(after):
    return after.state.issuance


@item("TfgridModule", "Twins")
def twin(after, key):
    found = after.state.twins.get(_number(key))
    return found and wire.twin(found.twin_id, found.account, found.relay, found.pk)


@item("TfgridModule", "TwinIdByAccountID")
def twin_id(after, key):
    return after.state.twin_ids.get(key)


@item("TfgridModule", "TwinBoundedAccountID")
def stash(after, key):
    return wire.shown(after.state.stashes.get(_number(key)))


@item("TfgridModule", "UsersTermsAndConditions")
def terms(after, key):
    times = after.state.accepted.get(key)
    one = {"account_id": wire.shown(key), "timestamp": after.block.at}
    return times and [one | {"document_link": "https://example.org", "document_hash": "abc"}] * times


@item("TfgridModule", "PricingPolicies")
def policy(after, key):
    def unit(value):
        return {"value": value, "unit": "Gigabytes"}

    usd = {"su": unit(SU), "cu": unit(CU), "nu": unit(15_000), "ipu": unit(40_000)}
    names = {"unique_name": unit(2_500), "domain_name": unit(5_000)}
    accounts = {"foundation_account": NOBODY, "certified_sales_account": NOBODY}
    about = {"version": 2, "id": 1, "name": "threefold_default_pricing_policy"}
    return about | usd | names | accounts | {"discount_for_dedication_nodes": 50}


@item("SmartContractModule", "Contracts")
def contract(after, key):
    found = after.state.contracts.get(_number(key))
    return found and wire.contract(found)


@item("SmartContractModule", "ContractID")
def last_contract(after):
    return after.state.last_contract


@item("SmartContractModule", "ContractPaymentState")
def payment(after, key):
    found = after.state.contracts.get(_number(key))
    if found is None or found.contract_id in after.state.payments_lost:
        return None
    return {
        "standard_reserve": found.payment.reserve,
        "additional_reserve": 0,
        "standard_overdraft": found.payment.overdraft,
        "additional_overdraft": 0,
        "last_updated_seconds": found.payment.updated_at,
        "cycles": found.payment.cycles,
    }


@item("SmartContractModule", "NodeContractResources")
def resources(after, key):
    found = after.state.contracts.get(_number(key))
    return found and found.used and wire.resources(found.contract_id, found.used)


@item("TFTBridgeModule", "DepositFee")
def deposit_fee(after):
    return after.state.terms.deposit_fee


@item("TFTBridgeModule", "WithdrawFee")
def withdraw_fee(after):
    return after.state.terms.withdraw_fee


@item("TFTPriceModule", "AverageTftPrice")
def price(after):
    return after.state.terms.average_musd


@item("TFTPriceModule", "MinTftPrice")
def lowest_price(after):
    return after.state.terms.lowest_musd


@item("TFTPriceModule", "MaxTftPrice")
def highest_price(after):
    return after.state.terms.highest_musd
