"""Sends deliveries over connections that stay open, as many at once or as many a second as asked."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.bench.deliveries import Delivery

TIMEOUT = 20  # seconds for an answer


@dataclass
class Sent:
    """When each job's delivery went out (by job), and how long each answer took. Seconds. `refused`: the first lines of
    answers other than 202, where these are counted."""

    at: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    lasted: float = 0.0
    refused: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.took) / self.lasted


class Refused(Exception):
    """An answer other than 202."""


def at_once(port: int, deliveries: Sequence[Delivery], connections: int) -> Sent:
    """All of them, on each connection one after the other, as fast as they are answered."""
    todo = iter(deliveries)
    return asyncio.run(_run(port, connections, lambda sent: _hurry(todo, sent)))


def steadily(
    port: int, deliveries: Sequence[Delivery], connections: int, rate: float, *, strict: bool = True
) -> Sent:
    """Each when it is due, `rate` a second, answered or not what came before; its time counts from when it was due.
    Raises Refused, or counts refusals where it is not strict."""
    todo = iter(enumerate(deliveries))
    start = time.time() + 0.1
    return asyncio.run(_run(port, connections, lambda sent: _pace(todo, start, rate, sent), strict))


async def _run(port: int, connections: int, turns, strict: bool = True) -> Sent:
    sent = Sent()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(port, turns(sent), sent, strict))
    sent.lasted = time.perf_counter() - began
    return sent


async def _connection(port: int, turns, sent: Sent, strict: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async for delivery, due in turns:
            writer.write(delivery.request)
            try:
                status = await _status(reader)
            except TimeoutError:
                if strict:
                    raise
                status = f"no answer in {TIMEOUT} s"
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            if not status.startswith("HTTP/1.1 202"):
                if strict:
                    raise Refused(status)
                sent.refused.append(status)
            sent.took.append(time.time() - due)
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> str:
    """The first line of an answer that has no body."""
    async with asyncio.timeout(TIMEOUT):
        head = await reader.readuntil(b"\r\n\r\n")
    return head.decode().partition("\r\n")[0]


async def _hurry(todo: Iterable[Delivery], sent: Sent):
    for delivery in todo:
        sent.at[delivery.job_id] = time.time()
        yield delivery, sent.at[delivery.job_id]


async def _pace(todo: Iterator[tuple[int, Delivery]], start: float, rate: float, sent: Sent):
    for number, delivery in todo:
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - time.time()))
        sent.at[delivery.job_id] = due
        yield delivery, due
