"""The chain: a tree of blocks with a best head, and a finalized one that never goes back."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from practice.chain import blocks
from practice.chain.acts import Act
from practice.chain.blocks import Block, Hash
from practice.chain.errors import Invalid, Invalidity
from practice.chain.notices import Notice
from practice.chain.state import State

KEPT = 256  # finalized blocks whose state a node keeps that is no archive
PATIENCE = 64  # acts that an account may have waiting, at most


class StateDiscarded(LookupError):
    """The block is known, what the chain held after it is not any more."""


class FinalityConflict(ValueError):
    """A block that is not above the finalized one can't become final."""


class Chain:
    """`archive`: whether it keeps the blocks of long ago; their hashes it always knows."""

    def __init__(
        self, state: State, at: int, name: str = "practice chain", kept: int = KEPT, archive: bool = True
    ) -> None:
        self.genesis = blocks.genesis(name, at, state.terms.spec)
        self.best = self.final = self.genesis
        self._kept, self._archive = kept, archive
        self._blocks = {self.genesis.hash: self.genesis}
        self._states = {self.genesis.hash: state}
        self._canonical = [self.genesis.hash]  # of the best chain, by number
        self._open: list[Block] = []  # above the finalized one, on any fork
        self._kept_states = deque([self.genesis.hash])  # of final blocks
        self._notices: list[Notice] = []
        self._acts: list[Act] = []

    # Reading

    @property
    def state(self) -> State:
        """After the best block."""
        return self._states[self.best.hash]

    def block(self, block_hash: Hash) -> Block:
        """Raises KeyError."""
        return self._blocks[block_hash]

    def hash_at(self, number: int) -> Hash | None:
        """Of the best chain's block of this number."""
        return self._canonical[number] if 0 <= number < len(self._canonical) else None

    def state_at(self, block_hash: Hash) -> State:
        """Raises KeyError for an unknown block, StateDiscarded for one of long ago."""
        if block_hash not in self._states:
            raise StateDiscarded(self.block(block_hash).number)
        return self._states[block_hash]

    def since(self, number: int) -> Iterator[Block]:
        """The best chain's blocks after that one."""
        return (self._blocks[block_hash] for block_hash in self._canonical[number + 1 :])

    def next_nonce(self, account: bytes) -> int:
        """The number of this account's next act, with those counted that wait."""
        nonce = self.state.account(account).nonce
        waiting = {act.nonce for act in self._acts if act.signer == account}
        while nonce in waiting:
            nonce += 1
        return nonce

    def waits(self) -> bool:
        """Whether anything is there for a block."""
        return bool(self._acts or self._notices)

    def knows(self, digest: bytes) -> bool:
        """Whether an act of these bytes waits in the pool."""
        return any(act.digest == digest for act in self._acts)

    # Acting

    def notice(self, notice: Notice) -> None:
        """For the next block."""
        self._notices.append(notice)

    def check(self, act: Act) -> None:
        """Whether the next block could take it up, but for its turn. Raises Invalid."""
        number, spec = self.best.number + 1, self.state.terms.spec
        blocks.check(act, self.state, number, spec, self._hash_above(self.best))

    def submit(self, act: Act) -> None:
        """Into the pool. Raises Invalid as a node's RPC does."""
        self.check(act)
        if self.knows(act.digest):
            raise Invalid(Invalidity.IMPORTED)
        rival = next((a for a in self._acts if (a.signer, a.nonce) == (act.signer, act.nonce)), None)
        if rival and act.tip <= rival.tip:
            raise Invalid(Invalidity.LOW_PRIORITY)
        if sum(a.signer == act.signer for a in self._acts) >= PATIENCE:
            raise Invalid(Invalidity.LOW_PRIORITY)
        self._acts = [other for other in self._acts if other is not rival] + [act]

    def seal(self, at: int, parent: Hash | None = None, author: str = "") -> Block:
        """A block of what waits, on the best block or on another that is not below the finalized; the longest chain is
        the best."""
        below = self.best if parent is None else self._blocks[parent]
        if not self._descends(below, self.final):
            raise FinalityConflict(below.number)
        state = self._states[below.hash]
        ordered = sorted(self._acts, key=lambda act: act.nonce)
        block, after = blocks.made(below, state, at, self._notices, ordered, self._hash_above(below), author)
        if block.hash not in self._blocks:
            self._open.append(block)
        self._blocks[block.hash], self._states[block.hash] = block, after
        if block.number > self.best.number:
            self._notices = []
            self._become_best(block)
        return block

    def finalize(self, block_hash: Hash) -> None:
        """This block and all below it stay. Raises FinalityConflict where that would take back what is final."""
        block = self._blocks[block_hash]
        if not self._descends(block, self.final):
            raise FinalityConflict(block.number)
        if not self._descends(self.best, block):
            above = (each for each in self._open if self._descends(each, block))
            self._become_best(max(above, key=lambda each: each.number))
        self.final = block
        self._forget()

    def finalize_behind(self, lag: int) -> None:
        """All of the best chain but its newest `lag` blocks."""
        number = self.best.number - lag
        if number > self.final.number:
            self.finalize(self._canonical[number])

    def _become_best(self, block: Block) -> None:
        """What was done on blocks that are left waits again, what is done here waits no more."""
        fork = self._fork(block)
        left = [self._blocks[each] for each in self._canonical[fork + 1 :]]
        added = list(self._above(block, fork))
        self._canonical[fork + 1 :] = [each.hash for each in added]
        self.best = block
        done = {act.digest for each in added for act in each.acts}
        self._acts = [act for each in left for act in each.acts] + self._acts
        self._acts = [act for act in dict.fromkeys(self._acts) if act.digest not in done and self._lives(act)]
        noticed = [notice for each in added for notice in each.notices]
        waiting = [notice for each in left for notice in each.notices] + self._notices
        self._notices = [notice for notice in waiting if notice not in noticed]

    def _lives(self, act: Act) -> bool:
        """Whether the next block could take it up, or a later one."""
        try:
            self.check(act)
        except Invalid:
            return False
        return True

    def _hash_above(self, below: Block) -> Callable[[int], Hash]:
        return partial(self._ancestor_hash, below)

    def _ancestor_hash(self, block: Block, number: int) -> Hash:
        """Of the block of this number on the way down from that one; no such block has no hash."""
        while block.number > number:
            if self._is_canonical(block):
                return self._canonical[number]
            block = self._blocks[block.parent]
        return block.hash if block.number == number else blocks.NO_HASH

    def _is_canonical(self, block: Block) -> bool:
        return self.hash_at(block.number) == block.hash

    def _fork(self, block: Block) -> int:
        """The number of the newest block that the way down from this one shares with the best chain."""
        while not self._is_canonical(block):
            block = self._blocks[block.parent]
        return block.number

    def _above(self, block: Block, number: int) -> list[Block]:
        """The way up to a block from that number, which is not in it."""
        way = []
        while block.number > number:
            way.append(block)
            block = self._blocks[block.parent]
        return way[::-1]

    def _descends(self, block: Block, from_: Block) -> bool:
        return self._ancestor_hash(block, from_.number) == from_.hash

    def _forget(self) -> None:
        """Forks that can't become final any more, and what was long ago."""
        settled = [block for block in self._open if block.number <= self.final.number]
        self._kept_states.extend(block.hash for block in settled if self._is_canonical(block))
        lost = [block for block in self._open if not self._on_final(block)]
        self._open = [b for b in self._open if b.number > self.final.number and self._on_final(b)]
        for block in lost:
            del self._blocks[block.hash], self._states[block.hash]
        while len(self._kept_states) > self._kept:
            oldest = self._kept_states.popleft()
            del self._states[oldest]
            if not self._archive:
                del self._blocks[oldest]

    def _on_final(self, block: Block) -> bool:
        return self._is_canonical(block) or self._descends(block, self.final)
