"""The nodes of the world: six farms, each node with a record of its own."""

from datetime import timedelta

from runners.reasons.vm_ends import NeverStarted
from tests.builders import a_node
from tfci.core.reasons import columns
from tfci.grid.models import NodeChange
from tfci.grid.reasons import DeploymentFailed

# farm, node, country, region, city, processors, memory GB, disk GB, share used, deploys, failures, deploy s, boot s
NODES = [
    (1, "Freefarm", 11, "Belgium", "Europe", "Ghent", 32, 128, 2000, 0.35, 212, 1, 17.2, 11.8),
    (1, "Freefarm", 14, "Belgium", "Europe", "Lochristi", 48, 192, 4000, 0.20, 187, 0, 15.9, 11.1),
    (1, "Freefarm", 15, "Belgium", "Europe", "Lochristi", 48, 192, 4000, 0.75, 96, 2, 18.4, 12.6),
    (4, "Alpine Compute", 61, "Switzerland", "Europe", "Zürich", 64, 256, 8000, 0.10, 143, 0, 14.1, 10.4),
    (4, "Alpine Compute", 62, "Switzerland", "Europe", "Chur", 64, 256, 8000, 0.55, 58, 1, 19.0, 12.2),
    (7, "Nordlicht", 83, "Germany", "Europe", "Bremen", 16, 64, 1000, 0.60, 41, 3, 26.5, 15.0),
    (7, "Nordlicht", 84, "Germany", "Europe", "Bremen", 16, 64, 1000, 0.95, 12, 4, 31.0, 18.7),
    (9, "Andes Nodes", 102, "Chile", "Americas", "Santiago", 32, 128, 2000, 0.05, 0, 0, None, None),
    (9, "Andes Nodes", 103, "Chile", "Americas", "Valparaíso", 32, 128, 2000, 0.30, 7, 0, 24.8, 14.9),
    (12, "Savanna Grid", 140, "Tanzania", "Africa", "Zanzibar", 24, 96, 1500, 0.45, 3, 1, 33.3, 19.5),
    (15, "Mistral", 171, "France", "Europe", "Lyon", 40, 160, 3000, 0.25, 88, 0, 16.4, 11.5),
    (15, "Mistral", 172, "France", "Europe", "Lyon", 40, 160, 3000, 0.15, 74, 0, 16.8, 11.9),
]
# longitude, latitude
WHERE = {
    "Ghent": (3.7, 51.1),
    "Lochristi": (3.8, 51.1),
    "Zürich": (8.5, 47.4),
    "Chur": (9.5, 46.9),
    "Bremen": (8.8, 53.1),
    "Santiago": (-70.7, -33.4),
    "Valparaíso": (-71.6, -33.0),
    "Zanzibar": (39.2, -6.2),
    "Lyon": (4.8, 45.8),
}
DOWN, BLOCKED, CERTIFIED, DEDICATED = (
    {84},
    {83: NeverStarted(4)},
    {61, 62},
    {140},
)
RECORD = 20  # deploys that a node remembers
SWING = (0.94, 1.02, 0.98, 1.11, 0.9, 1.04, 1.0, 1.07)  # by which they differ


def nodes(now):
    """All of them, by node id."""
    made = [_node(now, *facts) for facts in NODES]
    NodeChange.objects.create(node=made[6], kind="down", at=now - timedelta(minutes=41))
    NodeChange.objects.create(node=made[10], kind="price", was=96.9, now=102.0, at=now - timedelta(hours=7))
    return {node.node_id: node for node in made}


def _node(
    now, farm, name, pk, country, region, city, cpu, memory, disk, used, deploys, failures, deploy, boot
):
    node = a_node(
        **{"farm_id": farm, "node_id": pk, "country": country, "region": region, "city": city},
        **_resources(cpu, 1024 * memory, disk, used),
        **{"up": pk not in DOWN, "healthy": pk not in DOWN, "seen_at": now, "uptime": 86_400 * (20 + pk)},
        **dict(zip(("longitude", "latitude"), WHERE[city], strict=True)),
        **{"upload": 180_000_000 + 10**6 * pk, "download": 420_000_000, "price_usd": 2.55 * cpu},
        **{"ipv6": pk == 61, "num_gpu": int(pk == 171), "rentable": not pk % 2},
        **{"certified": pk in CERTIFIED, "dedicated": pk in DEDICATED},
        **{"deploys": deploys, "failures": failures, "deploy_ms": _record(deploy), "boot_ms": _record(boot)},
    )
    node.farm.name, node.farm.certified = name, pk in CERTIFIED
    node.farm.save()
    if failures:
        node.last_failure_at = now - timedelta(hours=5 * failures)
        reason = BLOCKED.get(pk, DeploymentFailed("The contract was refused: no free capacity."))
        vars(node).update(columns(reason, "last_failure"))
    if pk in BLOCKED:
        node.failures_in_a_row, node.blocked_until = 3, now + timedelta(minutes=22)
    node.save()
    return node


def _resources(cpu, memory, disk, used):
    total = {"cru": cpu, "mru": memory, "sru": disk}
    taken = {name: int(amount * used) for name, amount in total.items()}
    return {
        **{f"total_{name}": amount for name, amount in total.items()},
        **{f"used_{name}": amount for name, amount in taken.items()},
        **{f"free_{name}": total[name] - taken[name] for name in total},
    }


def _record(seconds):
    return [int(1000 * seconds * SWING[n % len(SWING)]) for n in range(RECORD)] if seconds else []
