"""The ThreeFold Grid's own proxy: farms and nodes of its networks, from the first of its addresses that answers.

Shapes and parameters are those of threefoldtech/tfgrid-sdk-go, grid-proxy/pkg/types.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from tfci.core.http_client import Client, FetchError, Policy
from tfci.core.untyped import Json
from tfci.grid.ports import FarmSeen, NodeSeen, Unavailable

MIB, GIB = 2**20, 2**30
PAGE = 500
PAGES = 100  # at most, of one list
READINGS = 4  # of a list that shifts while it is read
TIMEOUT = 30.0  # seconds a page, as long as the proxy takes itself
NETWORKS = ("main", "test", "qa", "dev")
T = TypeVar("T")


def addresses(network: str) -> tuple[str, str]:
    """The proxy of a network, and the one that stands in for it (grid-client/deployer/stacks.go)."""
    name = "" if network == "main" else f"{network}."
    return f"https://gridproxy.{name}grid.tf", f"https://gridproxy.02.{name}grid.tf"


class Resources(msgspec.Struct, frozen=True):
    """Threads, and bytes."""

    cru: int = 0
    mru: int = 0
    sru: int = 0
    hru: int = 0


class Location(msgspec.Struct, frozen=True):
    longitude: float | None = None
    latitude: float | None = None


class Public(msgspec.Struct, frozen=True):
    domain: str = ""
    ipv6: str = ""


class Speed(msgspec.Struct, frozen=True):
    upload: float = 0
    download: float = 0


class ProxyNode(msgspec.Struct, rename={"node_id": "nodeId", "farm_id": "farmId", "farm_name": "farmName"}):
    """What we read of a node; other fields are ignored."""

    node_id: int
    farm_id: int
    status: str
    farm_name: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    uptime: int = 0
    total_resources: Resources = Resources()
    used_resources: Resources = Resources()
    location: Location = Location()
    publicConfig: Public = Public()
    certificationType: str = ""
    healthy: bool = False
    dedicated: bool = False
    inDedicatedFarm: bool = False
    rented: bool = False
    rentable: bool = False
    num_gpu: int = 0
    speed: Speed = Speed()
    price_usd: float | None = None
    farm_free_ips: int = 0
    features: tuple[str, ...] = ()


class ProxyFarm(msgspec.Struct, rename={"farm_id": "farmId"}):
    farm_id: int
    name: str
    certificationType: str = ""
    dedicated: bool = False


class Proxy:
    """What the grid offers (Catalog)."""

    def __init__(self, urls: Sequence[str], policy: Policy) -> None:
        self._clients = [Client(url, policy, timeout=TIMEOUT) for url in urls]

    def nodes(self) -> Iterator[NodeSeen]:
        """Each of them once. Raises Unavailable when no address gives a whole list."""
        return map(_node, self._whole("/nodes", ProxyNode, "node_id"))

    def farms(self) -> Iterable[FarmSeen]:
        return map(_farm, self._whole("/farms", ProxyFarm, "farm_id"))

    def _whole(self, path: str, shape: type[T], key: str) -> list[T]:
        errors = []
        for client in self._clients:
            try:
                return _consistent(partial(_reading, client, path, shape, key))
            except (FetchError, Unavailable) as error:
                errors.append(str(error))
        raise Unavailable(f"The grid's proxy gave no list of its {path[1:]}: {' '.join(errors)}")


def _consistent(read: Callable[[], tuple[list[T], bool]]) -> list[T]:
    """Read again while the list is inconsistent: pages shift when a node comes or goes between two of them."""
    for _ in range(READINGS):
        rows, whole = read()
        if whole:
            return rows
    raise Unavailable(f"Its pages shifted in {READINGS} readings.")


def _reading(client: Client, path: str, shape: type[T], key: str) -> tuple[list[T], bool]:
    """All pages in order, each row once; and whether their number is the count that every page reported."""
    rows: dict[object, T] = {}
    counts: set[int] = set()
    page, pages = 1, 1
    while page <= min(pages, PAGES):
        params: dict[str, str | int] = {
            "page": page,
            "size": PAGE,
            "ret_count": "true",
            "sort_by": key,
            "sort_order": "asc",
        }
        answer = client.request("GET", path, params=params)
        if answer.status != 200:
            raise Unavailable(f"{client.origin} answered {answer.status}.")
        rows |= {getattr(row, key): row for row in _rows(answer.json(), shape, client.origin)}
        count, pages = (_number(answer.headers, name, client.origin) for name in ("count", "pages"))
        counts.add(count)
        page += 1
    return list(rows.values()), counts == {len(rows)}


def _rows(body: Json, shape: type[T], origin: str) -> list[T]:
    try:
        return msgspec.convert(body, list[shape], strict=False)  # type: ignore[valid-type]  # a type made here
    except msgspec.ValidationError as error:
        raise Unavailable(f"{origin} answered in a shape that we don't know: {error}.") from None


def _number(headers: Mapping[str, str], name: str, origin: str) -> int:
    text = headers.get(name, "")
    if not text.isdecimal():
        raise Unavailable(f"{origin} did not say how many there are.")
    return int(text)


def _farm(farm: ProxyFarm) -> FarmSeen:
    return FarmSeen(farm.farm_id, farm.name, farm.certificationType == "Gold", farm.dedicated)


def _node(node: ProxyNode) -> NodeSeen:
    """`status` may be 80 minutes old (pkg/nodestatus), `healthy` is asked every five: the mirror takes both. Free is
    what total less used leaves; nothing of the system's own reserve."""
    total, used = node.total_resources, node.used_resources
    return NodeSeen(
        node_id=node.node_id,
        farm_id=node.farm_id,
        farm_name=node.farm_name,
        country=node.country,
        region=node.region,
        city=node.city,
        up=node.status == "up",
        standby=node.status == "standby",
        healthy=node.healthy,
        certified=node.certificationType == "Certified",
        dedicated=node.dedicated or node.inDedicatedFarm,
        rented=node.rented,
        rentable=node.rentable,
        total_cru=total.cru,
        total_mru=total.mru // MIB,
        total_sru=total.sru // GIB,
        total_hru=total.hru // GIB,
        used_cru=used.cru,
        used_mru=-(-used.mru // MIB),
        used_sru=-(-used.sru // GIB),
        used_hru=-(-used.hru // GIB),
        free_cru=max(0, total.cru - used.cru),
        free_mru=max(0, total.mru - used.mru) // MIB,
        free_sru=max(0, total.sru - used.sru) // GIB,
        uptime=node.uptime,
        longitude=node.location.longitude,
        latitude=node.location.latitude,
        price_usd=node.price_usd,
        features=node.features,
        num_gpu=node.num_gpu,
        gateway=bool(node.publicConfig.domain),
        ipv6=bool(node.publicConfig.ipv6),
        free_ips=node.farm_free_ips,
        upload=int(node.speed.upload),
        download=int(node.speed.download),
    )
