"""Withdrawals by the clients of real grids, over sockets: to TFChain, and to Stellar."""

from functools import partial

import pytest

from billing import ledger, ledger_accounts as accounts
from billing.cashier import cashiers, turn
from billing.models import Cashier, Withdrawal
from billing.withdrawals import requests, stepping
from runners.metering import charges
from tests.billing.withdrawals.desk import STELLAR
from tests.builders import NOON, a_membership, a_wallet
from tests.counterparts.threefold.server import Server
from tests.counterparts.threefold.world import World
from tests.practice.grid import harness
from tfci.accounts.models import Role
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid import addresses, registry

pytestmark = pytest.mark.django_db
PAYEE = addresses.encode(b"payee of a withdrawal".ljust(32, b"."))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """Its address, and the words of an account with TFT."""
    grid = harness.Grid(tmp_path_factory.mktemp("grid") / "grid")
    yield grid.url, grid.control("/accounts", amount=1000 * UNIT)["mnemonic"]
    grid.close()


@pytest.fixture(scope="module")
def dev():
    world = World()
    server = Server(world)
    yield server.url, world.open(1000)
    server.stop()


@pytest.mark.parametrize(
    ("grid", "route", "address"),
    [("simulated", requests.Route.TFCHAIN, PAYEE), ("dev", requests.Route.STELLAR, STELLAR)],
)
def test_a_withdrawal_is_paid(request, settings, grid, route, address):
    settings.GRID = grid
    settings.GRID_URL, words = request.getfixturevalue(grid)
    payer = registry.payer(Secret(words))
    Cashier.objects.create(network=grid, address=payer.address(), mnemonic=Secret(words))
    wallet = a_wallet()
    ledger.deposit(wallet, "1", Tft.parse("5"), NOON, accounts.CASHIER)
    person = a_membership(wallet.team, role=Role.OWNER).user
    row = requests.ask(wallet.team, person, route, address, Tft.parse("2"), Tft(), NOON)
    requests.confirm(row, person, NOON)
    now = NOON + requests.delay()
    for _ in range(3):
        turn.take(cashiers.current(), payer, now, partial(stepping.step_all, charges.payable))
    act = row.acts.get()
    assert Withdrawal.objects.get(pk=row.pk).state == "paid" and act.fee > 0
    if route is requests.Route.TFCHAIN:
        assert payer.balances([PAYEE], payer.final().hash)[PAYEE] == row.amount
    else:
        assert act.burn_id
