"""The whole simulation: what the journal says is applied to all its parts, now and after a restart."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practice.chain.calls import Call
from practice.chain.notices import Notice, PriceSet
from practice.chain.writing import written
from practice.grid.book import Account, Book
from practice.grid.clock import Clock
from practice.grid.faults import Fault, Faults
from practice.grid.journal import CHAIN, Journal, set_aside_older
from practice.grid.landscape import Node
from practice.grid.machines import Kind, Machines
from practice.grid.nodes import Nodes
from practice.grid.turns import Turns


class HomeInUse(Exception):
    """Another grid runs in this home, or one with other nodes was begun there."""


@dataclass
class Pace:
    """How long things take, in real seconds, whatever the chain's clock does."""

    chain_latency: float
    boot: float


class Grid:
    """Its parts change by record() and write() only. `lock` is held by whoever reads to decide."""

    def __init__(self, home: Path, seed: int, nodes: Mapping[int, Node], kind: Kind, pace: Pace) -> None:
        self.lock = threading.RLock()
        self.pace = pace
        self.clock = Clock()
        self.book = Book(nodes)
        self.nodes = Nodes(nodes)
        self.faults = Faults(seed)
        self.turns = Turns(self._collided)
        _take(home)
        set_aside_older(home / "journal.jsonl")
        self._journal = Journal(home / "journal.jsonl")
        self.machines = Machines(home / "machines", kind, self.lock, self.record)
        self.begun_at = self._replay(seed, len(nodes))

    def record(self, kind: str, **about: object) -> None:
        """Write down what happens now and make it so."""
        with self.lock:
            self.write({"event": kind, "at": self.clock.second(), **about})

    def write(self, event: dict[str, Any]) -> dict[str, Any]:
        """Write down what happened at a time of its own and make it so. Returns the event."""
        with self.lock:
            self._journal.append(event)
            self._apply(event)
        return event

    def seal(
        self,
        call: tuple[Account, Call] | None = None,
        signed: str = "",
        notices: Sequence[Notice] = (),
        at: int | None = None,
        cause: str = "cancelled",
    ) -> list[dict[str, Any]]:
        """A block, with this act of an account, or with this one that came as bytes. Returns what it reported; `cause`:
        why contracts end that are cancelled."""
        with self.lock:
            now = self.clock.second() if at is None else at
            musd = self.book.tft_musd(now)
            priced = [PriceSet(musd)] if musd != self.book.chain.state.terms.average_musd else []
            event = {
                "event": "block",
                "at": now,
                "notices": [written(notice) for notice in (*priced, *notices)],
                "acts": [{"account": call[0].address.hex(), "call": written(call[1])}] if call else [],
                "signed": [signed] if signed else [],
                "cause": cause,
            }
            self._journal.append(event)
            return [self._tell(act) for act in self.book.sealed(event)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing else happens meanwhile, and all of it is safe on the disk at the end."""
        with self.lock:
            yield
            self._journal.sync()

    def set_clock(self, chain: float, speed: float) -> None:
        with self.transaction():
            self.record("clock", chain=chain, speed=speed, wall=time.time())

    def active_fault(
        self, kind: str, node_id: int = 0, names: Sequence[str] = ("",), twin_id: int = 0, act: str = ""
    ) -> Fault | None:
        """The fault that hits this call, if one does."""
        with self.lock:
            rule = self.faults.active_fault(kind, node_id, names, twin_id, act)
            if rule:
                self.record("struck", fault_id=rule.fault_id, fault=kind)
            return rule

    def close(self) -> None:
        self._journal.close()

    def _tell(self, event: dict[str, Any]) -> dict[str, Any]:
        """What follows from a block is written down for those who read; a replay has it from the block."""
        self._journal.append(event | {"block": self.book.chain.best.number})
        self._apply(event)
        return event

    def _collided(self, twin_id: int, came: str, running: str) -> None:
        with self.transaction():
            self.record("collision", twin_id=twin_id, came=came, running=running)

    def _apply(self, event: dict[str, Any]) -> None:
        for part in (self.clock, self.book, self.nodes, self.faults, self.machines):
            part.apply(event)

    def _replay(self, seed: int, nodes: int) -> int:
        """All as it was. Returns the chain time of the very beginning."""
        first, last = None, 0
        unrecorded: list[dict[str, Any]] = []
        for event in self._journal.read():
            if "block" in event:
                unrecorded = unrecorded[1:]
                continue
            self._apply(event)
            if event["event"] == "block":
                unrecorded = self.book.sealed(event)
                for act in unrecorded:
                    self._apply(act)
            first, last = first or event, max(last, event["at"])
        for act in unrecorded:  # a crash tore them off
            self._journal.append(act | {"block": self.book.chain.best.number})
        if first is None:
            about = {"seed": seed, "nodes": nodes, "chain": CHAIN}
            first = self.write({"event": "begun", "at": self.clock.second(), **about})
        if (first["seed"], first["nodes"]) != (seed, nodes):
            raise HomeInUse(f"it was begun with --seed {first['seed']} --nodes {first['nodes']}")
        self.set_clock(max(self.clock.now(), last), self.clock.speed)
        return first["at"]


def _take(home: Path) -> None:
    """Lock the home for as long as this process lives."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        fcntl.flock(os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HomeInUse("another grid runs there") from None
