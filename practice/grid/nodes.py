"""The nodes as they are now: what is free on them, and how the grid's proxy shows them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from practice.grid.landscape import GIB, Farm, Node

MIB = 2**20


class Nodes:
    """All nodes with what our contracts take of them. Changed by events only."""

    def __init__(self, by_id: Mapping[int, Node]) -> None:
        self.by_id = dict(by_id)
        self._cru: Counter[int] = Counter()
        self._mru: Counter[int] = Counter()
        self._sru: Counter[int] = Counter()
        self._ours: dict[int, tuple[int, int, int, int]] = {}

    def farms(self) -> list[Farm]:
        found = {node.farm.farm_id: node.farm for node in self.by_id.values()}
        return [found[farm_id] for farm_id in sorted(found)]

    def refusal(self, node_id: int, cpu: int, memory: int, disk: int) -> str | None:
        """Why this node can't take a machine of this size (threads, MiB, GiB), or None."""
        node = self.by_id.get(node_id)
        if node is None:
            return f"there is no node {node_id}"
        if not node.up:
            return f"node {node_id} is down"
        if cpu > node.cru:
            return f"node {node_id} has only {node.cru} threads"
        if self._used_mru(node) + memory * MIB > node.mru:
            return f"cannot fulfil required memory size: node {node_id} has too little left"
        if self._used_sru(node) + disk * GIB > node.sru:
            return f"not enough space left in pools of this type ssd on node {node_id}"
        return None

    def apply(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "node", "node_id": node_id, "up": up, "healthy": healthy}:
                self.by_id[node_id].up, self.by_id[node_id].healthy = up, healthy
            case {"event": "deployed"}:
                taken = (event["node_id"], event["cpu"], event["memory"] * MIB, event["disk"] * GIB)
                self._ours[event["contract_id"]] = taken
                self._add(*taken)
            case {"event": "ended"}:
                node_id, cpu, memory, disk = self._ours.pop(event["contract_id"])
                self._add(node_id, -cpu, -memory, -disk)

    def shown(self, nodes: Iterable[Node], now: int, since: int) -> list[dict[str, Any]]:
        """As the proxy's /nodes shows them at chain time `now`, when the simulation began at `since`."""
        return [self._shown(node, now, since) for node in nodes]

    def _add(self, node_id: int, cru: int, mru: int, sru: int) -> None:
        self._cru[node_id] += cru
        self._mru[node_id] += mru
        self._sru[node_id] += sru

    def _used_mru(self, node: Node) -> int:
        return node.used_mru + self._mru[node.node_id]

    def _used_sru(self, node: Node) -> int:
        return node.used_sru + self._sru[node.node_id]

    def _shown(self, node: Node, now: int, since: int) -> dict[str, Any]:
        place = node.farm.place
        used_cru = node.used_cru + self._cru[node.node_id]
        return {
            "id": f"node-{node.node_id}",
            "nodeId": node.node_id,
            "farmId": node.farm.farm_id,
            "farmName": node.farm.name,
            "twinId": node.node_id,
            "country": place.country,
            "city": place.city,
            "region": place.region,
            "gridVersion": 3,
            "uptime": node.age + now - since if node.up else 0,
            "created": since - node.age,
            "updatedAt": now if node.up else since,
            "total_resources": {"cru": node.cru, "mru": node.mru, "sru": node.sru, "hru": node.hru},
            "used_resources": {
                "cru": used_cru,
                "mru": self._used_mru(node),
                "sru": self._used_sru(node),
                "hru": 0,
            },
            "location": {
                "country": place.country,
                "city": place.city,
                "longitude": place.longitude,
                "latitude": place.latitude,
            },
            "status": "up" if node.up else "down",
            "healthy": node.up and node.healthy,
            "certificationType": "Certified" if node.farm.certified else "Diy",
            "dedicated": node.farm.dedicated,
            "inDedicatedFarm": node.farm.dedicated,
            "rented": False,
            "rentable": True,
            "num_gpu": 0,
            "extraFee": 0,
            "price_usd": node.price_usd,
            "features": node.features,
        }


def farm_shown(farm: Farm) -> dict[str, Any]:
    """As the proxy's /farms shows it."""
    return {
        "name": farm.name,
        "farmId": farm.farm_id,
        "twinId": farm.farm_id,
        "pricingPolicyId": 1,
        "certificationType": "Gold" if farm.certified else "NotCertified",
        "dedicated": farm.dedicated,
        "publicIps": [],
    }
