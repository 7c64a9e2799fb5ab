"""From a webhook to the order that is committed (DEPLOYING): one job alone, and a hundred at once."""

from collections.abc import Mapping, Sequence

from tests.bench import load
from tests.bench.deliveries import Delivery
from tests.bench.figures import percentile, shares, spread, verdict
from tests.bench.stage import Stage, seen

ALONE, BURST = 20, 100
PATIENCE = 60  # seconds until all are ordered
ORDERED = """
    SELECT forge_job_id, extract(epoch FROM discovered_at)::float, extract(epoch FROM decided_at)::float,
        extract(epoch FROM ordered_at)::float
    FROM runners_job job JOIN runners_vm vm ON vm.id = job.awaits_id
    WHERE forge_job_id = ANY(%s) AND ordered_at IS NOT NULL
"""
PHASES = (
    "sent -> heard (Caddy, Granian, the way in)",
    "heard -> decided (commit, queue, reconcile)",
    "decided -> ordered (place and quote, queue, step)",
    "ordered -> seen committed",
)


def measure(stage: Stage) -> None:
    for title, rounds, size, limits in (
        ("alone", ALONE, 1, {0.5: 0.1, 0.99: 0.5}),
        (f"burst of {BURST}", 1, BURST, {0.99: 1.0}),
    ):
        stage.pool(max_vms=2 * BURST, linger_minutes=0, min_vms={})
        supply, sent, phases = stage.deliveries(), [], {phase: [] for phase in PHASES}
        with stage.no_polls():
            for _ in range(rounds):
                sent += (deliveries := supply.make(size))
                ordered(stage, deliveries, phases)
            load.at_once(stage.port, supply.ends(sent), 4)
        _tell(title, phases, limits)
        stage.until_quiet()


def ordered(stage: Stage, deliveries: Sequence[Delivery], phases: dict[str, list[float]]) -> None:
    """Send them, wait until each has its VM ordered, and note the phases. Each job waits on for its VM, so
    that the next one needs another."""
    ids = [delivery.job_id for delivery in deliveries]
    sent = load.at_once(stage.port, deliveries, min(16, len(deliveries))).at
    with stage.looking() as look:
        rows = seen(lambda: look(ORDERED, ids), len(ids), PATIENCE)
    for key in ids:
        at = [sent[key], *rows[key]]
        for place, phase in enumerate(PHASES):
            phases[phase].append(at[place + 1] - at[place])


def _tell(title: str, phases: Mapping[str, list[float]], limits: Mapping[float, float]) -> None:
    whole = [sum(parts) for parts in zip(*phases.values(), strict=True)]
    print(f"simulated  webhook -> ordered, {title:<13}{spread(whole)}")
    for share, limit in limits.items():
        print(f"           p{round(100 * share)} {verdict(percentile(whole, share), limit)} s")
    print(*(f"             {line}" for line in shares(phases)), sep="\n")
