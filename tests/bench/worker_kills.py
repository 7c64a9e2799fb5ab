"""Deliveries while web workers are killed: one, and then both of them within a second. None may be refused or lost.

A successor needs as long as the product's code takes to start. On a busy computer that is longer than the sender waits,
and the second figure then shows the computer."""

import threading
from collections.abc import Sequence

from tests.bench import load
from tests.bench.figures import spread, verdict
from tests.bench.intake import NOBODYS
from tests.bench.stage import Stage

COUNT, RATE, CONNECTIONS = 5000, 300, 256  # deliveries; a second; as many as may wait until web is back
KILLS = {"one of two": (5.0,), "both": (5.0, 5.5)}  # seconds after the first delivery


def measure(stage: Stage) -> None:
    for name, times in KILLS.items():
        before = _written(stage)
        with stage.no_polls():
            sent = _sent_while(stage, times)
            stage.until_taken_in(120)
        lost = COUNT - len(sent.refused) - (_written(stage) - before)
        print(
            f"real       {name:<12}{len(sent.refused)} of {COUNT} refused, {lost} lost  {spread(sent.took)}"
        )
        print(
            f"           refused or lost, {verdict(len(sent.refused) + lost, 1)}  {set(sent.refused) or ''}"
        )


def _sent_while(stage: Stage, times: Sequence[float]) -> load.Sent:
    deliveries = stage.deliveries(NOBODYS).make(COUNT)
    timers = [threading.Timer(seconds, stage.kill_web_worker) for seconds in times]
    for timer in timers:
        timer.start()
    try:
        return load.steadily(stage.port, deliveries, CONNECTIONS, RATE, strict=False)
    finally:
        for timer in timers:
            timer.cancel()


def _written(stage: Stage) -> int:
    return stage.sql("SELECT count(*) FROM forges_delivery")[0][0]
