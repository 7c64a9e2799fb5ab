"""What holds of the chain whatever is done on it, in any order."""

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from practice.chain import calls
from practice.chain.addresses import sub_account
from practice.chain.errors import Invalid
from practice.chain.notices import FeeSet, PriceSet, Suspended, Upgraded
from practice.chain.state import EXISTENTIAL_DEPOSIT, TFT
from practice.chain.writing import read, written
from tests.practice.chain.small import ANN, BEN, EVE, HOUR, Small, a_mint

PEOPLE = st.sampled_from([ANN, BEN, EVE, sub_account(ANN, 0)])
AMOUNTS = st.sampled_from([1, 499, 500, 20_000, TFT, 40 * TFT, 2000 * TFT])
STELLAR = b"G" + b"A" * 55
SIMPLE = st.one_of(
    st.builds(calls.TransferAllowDeath, PEOPLE, AMOUNTS),
    st.builds(calls.TransferKeepAlive, PEOPLE, AMOUNTS),
    st.builds(calls.TransferAll, PEOPLE, st.booleans()),
    st.builds(calls.SwapToStellar, st.just(STELLAR), AMOUNTS),
    st.builds(
        calls.CreateNodeContract,
        st.sampled_from([1, 2, 3]),
        st.binary(min_size=32, max_size=32),
        st.just("{}"),
    ),
    st.builds(calls.CancelContract, st.integers(1001, 1006)),
    st.builds(calls.BillContractForBlock, st.integers(1001, 1006)),
    st.builds(calls.BondTwinAccount, st.integers(1, 3)),
)
BATCHES = st.lists(
    st.one_of(SIMPLE, st.builds(calls.AsDerivative, st.just(0), SIMPLE)), min_size=1, max_size=4
).map(tuple)
CALLS = st.one_of(
    SIMPLE,
    st.builds(calls.Batch, BATCHES),
    st.builds(calls.BatchAll, BATCHES),
    st.builds(calls.ForceBatch, BATCHES),
)


class Lives(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.small = Small(kept=8)
        for who, tft in ((ANN, 1000), (BEN, 3), (EVE, 50)):
            self.small.person(who, tft)
        self.small.contract(ANN)
        self.small.contract(BEN)
        self.small.chain.finalize_behind(0)
        self.final = self.small.chain.final
        self.events = {}

    @rule(who=PEOPLE, call=CALLS, period=st.sampled_from([0, 4]))
    def act(self, who, call, period):
        act = self.small.signed(who, call, period=period)
        try:
            self.small.chain.submit(act)
        except Invalid:
            return
        self.last = act

    @rule()
    def same_bytes_again(self):
        if act := getattr(self, "last", None):
            try:
                self.small.chain.submit(act)
            except Invalid:
                return

    @rule(who=PEOPLE, amount=AMOUNTS)
    def mint(self, who, amount):
        self.small.chain.notice(a_mint(who, amount))

    @rule(
        notice=st.sampled_from(
            [PriceSet(5), PriceSet(40), FeeSet(250), FeeSet(100), Upgraded(153), Suspended(1001)]
        )
    )
    def notice(self, notice):
        self.small.chain.notice(notice)

    @rule(hours=st.sampled_from([1, 5, 400]))
    def hours_pass(self, hours):
        self.small.pass_time(hours * HOUR)

    @rule(back=st.integers(0, 3), author=st.sampled_from(["", "other"]))
    def seal(self, back, author):
        chain = self.small.chain
        number = max(chain.final.number, chain.best.number - back)
        self.small.seal(parent=chain.hash_at(number), author=author)

    @rule(lag=st.integers(0, 3))
    def finalize(self, lag):
        self.small.chain.finalize_behind(lag)

    @invariant()
    def money_is_what_was_issued(self):
        state = self.small.state
        assert self.small.total() == state.issuance
        for account in state.accounts.values():
            assert account.free >= 0 and account.reserved >= 0 and account.total >= EXISTENTIAL_DEPOSIT

    @invariant()
    def what_is_reserved_belongs_to_contracts(self):
        state = self.small.state
        held = sum(contract.payment.reserve for contract in state.contracts.values())
        assert held == sum(account.reserved for account in state.accounts.values())

    @invariant()
    def finality_never_goes_back(self):
        chain = self.small.chain
        assert chain.hash_at(self.final.number) == self.final.hash
        assert chain.final.number >= self.final.number
        self.final = chain.final

    @invariant()
    def what_a_block_tells_stays_as_it_was_and_in_time(self):
        before = None
        for block in self.small.chain.since(0):
            told = self.events.setdefault(block.hash, block.records)
            assert told == block.records
            assert before is None or (before.hash == block.parent and before.at <= block.at)
            before = block

    @invariant()
    def no_act_is_taken_up_twice(self):
        digests = [act.digest for block in self.small.chain.since(0) for act in block.acts if act.era]
        assert len(digests) == len(set(digests))


Lives.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestLives = Lives.TestCase


def test_calls_and_notices_are_read_as_they_were_written():
    call = calls.ForceBatch(
        (calls.AsDerivative(3, calls.TransferKeepAlive(BEN, 5)), calls.CreateTwin(None, b"\1"))
    )
    assert read(written(call)) == call
    assert read(written(a_mint(ANN, 7, number=1))) == a_mint(ANN, 7, number=1)
