"""The moment when it can be used: the product answers, the demo team stands, and how to sign in is told."""

import http.client
import json
import socket
from urllib.parse import urlsplit

from tfci.management.up import grid
from tfci.management.up.home import write_private
from tfci.management.up.ports import LOOPBACK, nearby
from tfci.management.up.product import Product

# What the demo command prints as JSON. The rest of ready.json is known here.
FROM_DEMO = ("email", "password", "api_token", "team", "forge_token", "forge_org", "forge_repo")

WELCOME = """
Farmhand is ready:  {url}
  sign in as        {email}
  with password     {password}
  practice forge    {forge_url}
  data               {home}
  VMs are           {vms}

{listening}
Mail is printed here. Press Ctrl-C to stop.
"""
ONLY_HERE = """It listens on this computer only. To open it to others, set FARMHAND_LISTEN=0.0.0.0 and
FARMHAND_URL to its public address."""
OPEN = "It listens on {host} (FARMHAND_LISTEN) over plain HTTP, for everyone who can reach this computer."


def answers(product: Product) -> bool:
    """Whether web answers through Caddy and reaches its engines, and the practice world listens."""
    return _healthy(product) and all(_listens(port) for port in product.home.ports().values())


def welcome(product: Product) -> str:
    """Has the demo team made, writes ready.json, and returns what a person needs to know."""
    demo = json.loads(product.run_once("demo"))
    ready = {
        "url": product.environment["FARMHAND_URL"],
        "forge_url": product.environment["FARMHAND_PRACTICE_FORGE"],
        "grid": product.environment["FARMHAND_GRID"],
        **{name: demo[name] for name in FROM_DEMO},
    }
    write_private(product.home.ready_file, ready)
    alone = product.listen in (LOOPBACK, "::1", "localhost")
    listening = ONLY_HERE if alone else OPEN.format(host=product.listen)
    return WELCOME.format(**ready, listening=listening, home=product.home.folder, vms=_vms(product))


def _vms(product: Product) -> str:
    """What they are, and how to get better ones."""
    kind = product.environment["FARMHAND_GRID"]
    text = grid.vms(product.home, kind)
    return text if kind == "local" else f"{text}. {grid.HOW}"


def _healthy(product: Product) -> bool:
    """By the name that people use, for Django knows no other; at the address where it listens."""
    door = http.client.HTTPConnection(nearby(product.listen), product.port, timeout=5)
    try:
        door.request("GET", "/health", headers={"Host": urlsplit(product.environment["FARMHAND_URL"]).netloc})
        return door.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
