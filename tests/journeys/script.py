"""Who has no browser: a script at the product's API, and the practice forge that it works with."""

import json
import urllib.error
import urllib.request
from decimal import Decimal
from urllib.parse import urlsplit

from tests.practice.forge.harness import Forge


class PracticeForge(Forge):
    """The one that runs with the product."""

    def __init__(self, home):
        self.world = json.loads((home / "forge" / "forge.json").read_text())
        self.url = self.world["url"]
        self.port = urlsplit(self.url).port


class Script:
    """All that it knows is the address and the token."""

    def __init__(self, url, token):
        self.url, self.headers = url, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method, path, **said):
        """The JSON of a good answer."""
        body = json.dumps(said).encode() if said else None
        request = urllib.request.Request(f"{self.url}/api/v1{path}", body, self.headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def items(self, path):
        return self.call("GET", path)["items"]

    def spent(self, path):
        """What the ledger took, as a positive sum."""
        return -sum(Decimal(entry["amount"]) for entry in self.items(path))


def hurry(grid):
    """A chain without its twelve seconds: what they cost is seen in other tests."""
    headers = {"Authorization": f"Bearer {grid['control_token']}"}
    pace = json.dumps({"chain_latency": 0.2}).encode()
    urllib.request.urlopen(
        urllib.request.Request(f"{grid['url']}/control/pace", pace, headers), timeout=10
    ).close()
