"""A block at work: the state that it changes, the time that it has, what it tells."""

from collections.abc import Iterator
from contextlib import contextmanager

from practice.chain.contract import Bill
from practice.chain.errors import Refused
from practice.chain.events import Event, Record
from practice.chain.state import State


class Execution:
    def __init__(self, state: State, number: int, now: int) -> None:
        self.state, self.number, self.now = state, number, now
        self.records: list[Record] = []
        self.bills: list[Bill] = []
        self.act: int | None = None

    def emit(self, event: Event) -> None:
        self.records.append(Record(self.act, event))

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All of what follows, or nothing where it is refused."""
        before, records, bills = self.state.copy(), len(self.records), len(self.bills)
        try:
            yield
        except Refused:
            self.state = before
            del self.records[records:], self.bills[bills:]
            raise
