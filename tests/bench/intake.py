"""Deliveries a second: verified, written down, committed, answered 202; the product and the bare view in turns.

The product takes in after it has answered: all of it before the bare view's turn comes, and that time counts too."""

import statistics
from collections.abc import Sequence

from tests.bench import load
from tests.bench.deliveries import Deliveries
from tests.bench.figures import percentile, spread, verdict
from tests.bench.stage import BARE_SECRET, Stage, cpu_of

ROUNDS, EACH, CONNECTIONS = 5, 2000, 16
STREAMS, LASTING = (150, 300), 10  # a second; seconds
NOBODYS = "somebody-elses"  # a label that no pool serves: recorded with the reason, and nothing follows


def measure(stage: Stage) -> None:
    ours, others = stage.deliveries(NOBODYS), Deliveries("/hook", BARE_SECRET)
    with stage.no_polls(), stage.bare() as (port, pid):
        _turns(stage, ours, others, port, pid)
        for rate in STREAMS:
            for name, where, supply in (("product", stage.port, ours), ("bare view", port, others)):
                _stream(stage, name, where, supply, rate, pid)


def _stream(stage: Stage, name: str, where: int, supply: Deliveries, rate: int, pid: int) -> None:
    """So many a second, come what may."""
    used, count = _cpu(stage, name, pid), rate * LASTING
    sent = load.steadily(where, supply.make(count), 64, rate)
    stage.until_taken_in()
    each = 1000 * (_cpu(stage, name, pid) - used) / count
    print(f"real       {name:<12}{rate}/s open loop  {each:.2f} ms CPU  {spread(sent.took)}")
    if name == "product":
        p99 = percentile(sent.took, 0.99)
        print(
            f"           p99 {verdict(p99, 0.1)}, max {verdict(max(sent.took), 2)} s, CPU {verdict(each, 4)} ms"
        )


def _turns(stage: Stage, ours: Deliveries, others: Deliveries, port: int, pid: int) -> None:
    rates: dict[str, list[float]] = {"product": [], "bare view": []}
    cpu: dict[str, list[float]] = {"product": [], "bare view": []}
    for _ in range(ROUNDS):
        for name, where, supply in (("product", stage.port, ours), ("bare view", port, others)):
            used = _cpu(stage, name, pid)
            sent = load.at_once(where, supply.make(EACH), CONNECTIONS)
            late = stage.until_taken_in()
            cpu[name].append(1000 * (_cpu(stage, name, pid) - used) / EACH)
            rates[name].append(sent.rate)
            print(f"real       {name:<12}{sent.rate:6.0f}/s  {cpu[name][-1]:.2f} ms CPU  {spread(sent.took)}")
            if name == "product":
                print(f"             all taken in {late:.1f} s after the last answer")
    _compare(rates, cpu)


def _cpu(stage: Stage, name: str, bare: int) -> float:
    """Seconds of processor time so far: its servers, its workers and PostgreSQL."""
    servers = stage.cpu("granian", "caddy", "celery") if name == "product" else cpu_of(bare)
    return servers + stage.cpu("postgres")


def _compare(rates: dict[str, Sequence[float]], cpu: dict[str, Sequence[float]]) -> None:
    ratio = statistics.median(
        ours / bare for ours, bare in zip(rates["product"], rates["bare view"], strict=True)
    )
    for name in rates:
        print(
            f"real       {name:<12}median {statistics.median(rates[name]):.0f}/s,"
            f" {statistics.median(cpu[name]):.2f} ms CPU with PostgreSQL and workers"
        )
    print(f"           ratio of the turns, median: {ratio:.2f}, {verdict(ratio, 0.7, least=True)}")
