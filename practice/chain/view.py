"""The chain as one of its nodes shows it: behind the others, or with another past."""

from dataclasses import dataclass

from practice.chain.blocks import Block, Hash
from practice.chain.tree import Chain


@dataclass
class View:
    """`behind`: newest blocks of the best chain that it lacks; `unfinal`: final ones that it does not know to be
    final; `claimed`: the genesis that it tells of."""

    chain: Chain
    behind: int = 0
    unfinal: int = 0
    claimed: Hash | None = None

    @property
    def best(self) -> Block:
        return self._canonical(self.chain.best.number - self.behind)

    @property
    def final(self) -> Block:
        return self._canonical(min(self.chain.final.number - self.unfinal, self.best.number))

    def hash_at(self, number: int) -> Hash | None:
        """None for a block that it lacks."""
        if number == 0 and self.claimed:
            return self.claimed
        return self.chain.hash_at(number) if number <= self.best.number else None

    def _canonical(self, number: int) -> Block:
        block_hash = self.chain.hash_at(max(0, number))
        return self.chain.block(block_hash) if block_hash else self.chain.genesis
