"""The demo team of `make run`: signed up, linked to the practice forge, with a pool and a first job."""

import json
import secrets
import urllib.request
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from billing import quotes, wallets
from billing.cashier import cashiers
from runners.models import Pool
from tfci.accounts import teams, tokens
from tfci.accounts.models import Scope, Team, User
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.core.vault import derive
from tfci.forges import connections, registry
from tfci.forges.models import Connection
from tfci.grid import nodes, registry as grid

EMAIL = "demo@example.org"
TEAM = "Demo"
TIMEOUT = 10  # seconds
FUNDS = Tft.parse("1000000")  # of the operator's account on the simulated chain
WORKFLOW = """\
name: hello
on: [push]
jobs:
  hello:
    runs-on: small
    steps:
      - run: echo "Hello from a VM of my own"
      - run: uname -a
"""


class Command(BaseCommand):
    help = "Make the demo team, or find it; prints how to sign in as JSON. Needs the practice world to run."

    def handle(self, *args: object, **options: Any) -> None:
        now = timezone.now()
        forge = json.loads((settings.HOME / "forge" / "forge.json").read_text())
        open_twin(now)
        open_cashier(now)
        mirror(now)
        known = remembered()
        team = the_team(known, now)
        the_pool(team, the_connection(team, forge, now), forge, now)
        self.stdout.write(
            json.dumps(
                known
                | {
                    "team": team.slug,
                    "forge_token": forge["push_token"],
                    "forge_org": forge["org"],
                    "forge_repo": forge["repo"],
                }
            )
        )


def open_twin(now: datetime) -> None:
    """The operator's account on the simulated chain. Its words are derived, so that a try that died finds it."""
    if wallets.twins():
        return
    words = derive("twin", grid.network())
    wallets.open_twin(open_account(words), words, now)


def open_cashier(now: datetime) -> None:
    """Takes in what the practice wallet pays."""
    if cashiers.current() is None:
        words = derive("cashier", grid.network())
        open_account(words)
        cashiers.open_cashier(words, "make run", now)


def open_account(words: Secret) -> int:
    """On the simulated chain, with play money; returns its twin."""
    url, amount = f"{settings.GRID_URL}/control/accounts", int(FUNDS)
    answer = call(url, settings.GRID_TOKEN, {"mnemonic": words.reveal(), "amount": amount})
    return int(answer["twin_id"])


def mirror(now: datetime) -> None:
    """Nodes, prices and discounts, so that the first job need not wait for the schedule."""
    quotes.note_prices(grid.network(), wallets.reader().prices())
    for twin_id in wallets.twins():
        wallets.read_holdings(twin_id)
    catalog = grid.catalog()
    nodes.mirror(grid.network(), catalog.farms(), catalog.nodes(), now)


def remembered() -> dict[str, str]:
    """E-mail, password and API token: made once, kept for their owner only."""
    file: Path = settings.HOME / "demo.json"
    if not file.exists():
        file.touch(mode=0o600)
        known = {"email": EMAIL, "password": secrets.token_urlsafe(12), "api_token": ""}
        file.write_text(json.dumps(known))
    return json.loads(file.read_text())


def the_team(known: dict[str, str], now: datetime) -> Team:
    """The team with its owner and an API token; what `known` lacks is made and kept."""
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        user = User.objects.create_user(EMAIL, known["password"], name="Demo", is_staff=True)
        EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    membership = user.memberships.select_related("team").order_by("pk").first()
    team = membership.team if membership else teams.begin(TEAM, user, now)
    if not known["api_token"]:
        known["api_token"] = tokens.make(team, "demo", Scope.WRITE, user, now)[1].reveal()
        (settings.HOME / "demo.json").write_text(json.dumps(known))
    return team


def the_connection(team: Team, forge: dict[str, Any], now: datetime) -> Connection:
    """The practice forge's organisation, linked."""
    linked = Connection.objects.filter(team=team, disconnected_at=None, name=forge["org"]).first()
    if linked:
        return linked
    way, token = Connection.Way.WEBHOOK, Secret(forge["token"])
    connection = connections.draft(
        team, forge="gitea", url=settings.PRACTICE_FORGE, name=forge["org"], token=token, way=way, now=now
    )
    return connections.link(connection, registry.forge(connection), now)


def the_pool(team: Team, connection: Connection, forge: dict[str, Any], now: datetime) -> None:
    """A pool for it and, when it is new, a first push: its job goes through by itself."""
    wallets.for_team(team)
    pool, new = Pool.objects.get_or_create(
        team=team, name="Everything", closed_at=None, defaults={"created_at": now}
    )
    pool.connections.add(connection)
    if new:
        content = {"content": b64encode(WORKFLOW.encode()).decode(), "message": "Say hello"}
        path = f"/api/v1/repos/{forge['repo']}/contents/.gitea/workflows/hello.yml"
        call(settings.PRACTICE_FORGE + path, forge["push_token"], content)


def call(url: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST to a program of our own on this machine."""
    request = urllib.request.Request(  # noqa: S310  our own addresses, from settings
        url,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        return json.load(answer)
