"""A chain with two nodes and a few people, for tests of the model."""

from hashlib import blake2b
from itertools import count

from practice.chain import calls
from practice.chain.acts import Act, Era
from practice.chain.addresses import named
from practice.chain.notices import DispatchedAs, Minted, Notice, ReportResources, Resources
from practice.chain.state import TFT, Node, State
from practice.chain.tree import Chain

START = 1_780_315_200
HOUR, DAY = 3600, 86_400
GIB = 2**30
ANN, BEN, EVE, FARMER = map(named, ("ann", "ben", "eve", "farmer"))
NODES = {1: Node(FARMER), 2: Node(FARMER, certified=True)}
SMALL = Resources(2, 8 * GIB, 50 * GIB)  # $0.02125 an hour: 2.125 TFT at $0.01
RATE = 21_250_000
NUMBERS = count(1)
TERMS = calls.UserAcceptTc("https://example.org/terms", "abc")


class Small:
    """`now` moves by six seconds with each block."""

    def __init__(self, **chain) -> None:
        self.chain = Chain(State.genesis(NODES, last_contract=1000), START, **chain)
        self.now = START

    @property
    def state(self) -> State:
        return self.chain.state

    def seal(self, *notices: Notice, after: int = 6, **where):
        for notice in notices:
            self.chain.notice(notice)
        self.now += after
        return self.chain.seal(self.now, **where)

    def give(self, account: bytes, amount: int) -> None:
        """So many units, by the bridge."""
        self.seal(a_mint(account, amount + self.state.terms.deposit_fee))

    def person(self, account: bytes, tft: int = 1000) -> int:
        """With money and a twin; its number."""
        self.give(account, tft * TFT)
        self.seal(DispatchedAs(account, TERMS), DispatchedAs(account, calls.CreateTwin()))
        return self.state.twin_ids[account]

    def signed(
        self, who: bytes, call: calls.Call, *, period: int = 0, nonce: int | None = None, **more
    ) -> Act:
        """Mortal, from the finalized head on, where it has a period."""
        era = Era.at(self.chain.final.number, period) if period else None
        checkpoint = self.chain.final.hash if era else self.chain.genesis.hash
        number = self.chain.next_nonce(who) if nonce is None else nonce
        digest = blake2b(f"{next(NUMBERS)}".encode(), digest_size=32).digest()
        return Act(who, number, call, digest, checkpoint, self.state.terms.spec, era, **more)

    def send(self, who: bytes, call: calls.Call, **more):
        """In a block of its own: what that tells, without the fee."""
        self.chain.submit(self.signed(who, call, **more))
        return [record.event for record in self.seal().records if record.event.pallet != "TransactionPayment"]

    def contract(self, who: bytes, node_id: int = 1, used: Resources | None = SMALL) -> int:
        number = next(NUMBERS)
        self.send(who, calls.CreateNodeContract(node_id, f"{number:032}".encode(), "{}"))
        contract_id = self.state.last_contract
        if used:
            self.seal(ReportResources(contract_id, used), after=0)
        return contract_id

    def pass_time(self, seconds: int):
        """All blocks in which something is due; what they billed."""
        until, bills = self.now + seconds, []
        while (due := self.state.next_due()) is not None and due <= until:
            bills += self.seal(after=due - self.now).bills
        self.now = until
        return bills

    def total(self) -> int:
        return sum(account.total for account in self.state.accounts.values())


def a_mint(account: bytes, amount: int, number: int | None = None) -> Minted:
    return Minted(f"stellar {next(NUMBERS) if number is None else number}".encode(), account, amount)


def kinds(events):
    return [type(event).__name__ for event in events]
