"""Farms and nodes by a seed, in the proxy's shapes: most up, some down or asleep, some rented, some with GPUs."""

import random
import uuid

PLACES = [
    ("Belgium", "Europe", "Ghent", 3.7, 51.05),
    ("Germany", "Europe", "Nuremberg", 11.08, 49.45),
    ("Austria", "Europe", "Vienna", 16.37, 48.21),
    ("Switzerland", "Europe", "Zürich", 8.54, 47.37),
    ("United States", "Americas", "Salt Lake City", -111.9, 40.76),
    ("Canada", "Americas", "Toronto", -79.38, 43.65),
    ("Chile", "Americas", "Santiago", -70.67, -33.45),
    ("Tanzania", "Africa", "Zanzibar", 39.2, -6.16),
    ("Egypt", "Africa", "Cairo", 31.24, 30.04),
    ("India", "Asia", "Pune", 73.86, 18.52),
    ("Australia", "Oceania", "Perth", 115.86, -31.95),
]
GIB = 2**30
LIGHT = [
    "zmachine-light",
    "network-light",
    "zdb",
    "zmount",
    "volume",
    "qsfs",
    "zlogs",
    "mycelium",
    "wireguard",
]
FULL = ["zmachine", "network", "ip", "yggdrasil", "mycelium", "wireguard", "zmount", "volume"]


def of(count, seed):
    """(farms, nodes): ten nodes a farm."""
    chance = random.Random(seed)
    farms = [_farm(number, chance) for number in range(1, max(1, count // 10) + 1)]
    return farms, [_node(number, chance.choice(farms), chance) for number in range(1, count + 1)]


def _farm(number, chance):
    ips = [
        {
            "id": str(n),
            "ip": f"203.0.113.{n + 1}/24",
            "gateway": "203.0.113.1",
            "contract_id": chance.choice([0, 0, 7]),
        }
        for n in range(chance.choice([0, 0, 4]))
    ]
    return {
        "name": f"farm-{number}",
        "farmId": number,
        "twinId": 2000 + number,
        "pricingPolicyId": 1,
        "certificationType": chance.choice(["NotCertified", "NotCertified", "Gold"]),
        "stellarAddress": "",
        "dedicated": chance.random() < 0.05,
        "publicIps": ips,
    }


def _node(number, farm, chance):
    country, region, city, longitude, latitude = PLACES[farm["farmId"] % len(PLACES)]
    cru = chance.choice([8, 16, 24, 32, 48, 64])
    total = {
        "cru": cru,
        "mru": 4 * cru * GIB,
        "sru": 60 * cru * GIB,
        "hru": chance.choice([0, 0, 4000 * GIB]),
    }
    status = chance.choices(["up", "down", "standby"], (86, 10, 4))[0]
    rented, gpus = chance.random() < 0.04, chance.choices([0, 1, 2], (94, 4, 2))[0]
    return {
        "id": str(uuid.UUID(int=number)),
        "nodeId": number,
        "farmId": farm["farmId"],
        "farmName": farm["name"],
        "twinId": 5000 + number,
        "country": country,
        "region": region,
        "city": city,
        "gridVersion": 3,
        "uptime": chance.randrange(300, 90_000_000),
        "created": 1_700_000_000,
        "updatedAt": 1_790_000_000 - chance.randrange(4800),
        "farmingPolicyId": 1,
        "total_resources": total,
        "used_resources": {name: int(amount * chance.random() * 0.8) for name, amount in total.items()},
        "location": {
            "country": country,
            "city": city,
            "longitude": longitude + chance.uniform(-1, 1),
            "latitude": latitude + chance.uniform(-1, 1),
        },
        "publicConfig": {
            "domain": f"gent{number}.example" if number % 25 == 0 else "",
            "gw4": "",
            "gw6": "",
            "ipv4": "",
            "ipv6": "2a10:b600:1::1/64" if number % 12 == 0 else "",
        },
        "status": status,
        "certificationType": chance.choice(["Diy", "Diy", "Diy", "Certified"]),
        "dedicated": farm["dedicated"] or rented,
        "inDedicatedFarm": farm["dedicated"],
        "rentContractId": number if rented else 0,
        "rented": rented,
        "rentable": not rented and status != "down" and chance.random() < 0.5,
        "rentedByTwinId": 42 if rented else 0,
        "serialNumber": "",
        "power": {"state": "Down" if status == "standby" else "Up", "target": "Up"},
        "num_gpu": gpus,
        "extraFee": 0,
        "healthy": status == "up" and chance.random() < 0.97,
        "dmi": {},
        "speed": {"upload": chance.uniform(5e7, 9e8), "download": chance.uniform(5e7, 9e8)},
        "gpus": [],
        "price_usd": round(cru * 2.55, 2),
        "farm_free_ips": sum(not ip["contract_id"] for ip in farm["publicIps"]),
        "features": LIGHT if number % 3 else FULL,
    }
