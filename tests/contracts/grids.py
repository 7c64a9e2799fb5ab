"""The grids that keep the contract, each with the means to bring about what a test needs."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from practice.chain.notices import Minted, PriceSet, Suspended
from practice.grid.vms import image
from tests import machines
from tests.counterparts.threefold import programs
from tests.counterparts.threefold.server import Server
from tests.counterparts.threefold.world import World, name_of
from tests.practice.grid import harness
from tfci.core.secret import Secret
from tfci.core.tft import UNIT
from tfci.grid import addresses
from tfci.grid.drivers import simulated, simulated_payments
from tfci.grid.drivers.threefold import account as threefold_account, payments, proxy
from tfci.grid.ports import Catalog


class Simulated:
    """The simulated grid as a process of its own, over real sockets."""

    MARKS = ()

    def __init__(self, folder: Path) -> None:
        self._begin(folder)

    def _begin(self, folder: Path, *options: str) -> None:
        self._grid = harness.Grid(folder / "grid", *options)
        self.catalog: Catalog = self._grid.proxy
        self.account = self._grid.account
        self.close = self._grid.close

    def stranger(self, mnemonic: str) -> simulated.SimulatedAccount:
        """An account that the grid doesn't know."""
        return simulated.SimulatedAccount(self._grid.url, Secret(mnemonic), harness.POLICY)

    def payer(self, tft: int = 1000) -> simulated_payments.SimulatedPayer:
        """Of a new account with so many TFT."""
        words = self._grid.control("/accounts", amount=tft * UNIT)["mnemonic"]
        return self.payer_of(words)

    def payer_of(self, words: str) -> simulated_payments.SimulatedPayer:
        return simulated_payments.SimulatedPayer(self._grid.url, Secret(words), harness.POLICY)

    def mint(self, address: str, amount: int, transaction: str) -> None:
        """From Stellar."""
        account = addresses.decode(address).hex()
        self._grid.control("/mints", account=account, amount=amount, transaction=transaction)

    def make_blocks(self, number: int) -> None:
        for _ in range(number):
            self._grid.control("/accounts", amount=0)

    def pass_time(self, seconds: int) -> None:
        self._grid.control("/clock", advance=seconds)

    def hold_tft_price(self, musd: int) -> None:
        self._grid.control("/price", tft_musd=musd)

    def kill_vm(self, name: str) -> None:
        self._grid.control(f"/machines/{name}/kill")

    def crash(self) -> None:
        """The grid itself dies and comes back."""
        self._grid.kill()
        self._grid.start()

    def refusing(self, node_id: int) -> AbstractContextManager:
        return self._fault(kind="refuse", node_id=node_id)

    def losing_calls(self) -> AbstractContextManager:
        """Acts are not done, and their caller hears nothing."""
        return self._fault(kind="lost_call")

    def losing_answers(self) -> AbstractContextManager:
        """Acts are done, and their caller hears nothing."""
        return self._fault(kind="lost_answer")

    def silent(self) -> AbstractContextManager:
        return self._fault(kind="chain_silent")

    @contextmanager
    def _fault(self, **rule: object) -> Iterator[None]:
        fault = self._grid.control("/faults", **rule)
        try:
            yield
        finally:
            self._grid.control(f"/faults/{fault['fault_id']}", "DELETE")


class Local(Simulated):
    """The local grid: each machine a QEMU. Its nodes are made out to be large, for what the suite asks them."""

    MARKS = (machines.GROUP,)
    OPTIONS = ("--node-size", "8,65536,2000", "--nodes", "99", "--no-way-out", "--vms")

    def __init__(self, folder: Path) -> None:
        machines.need()
        self._begin(folder, *self.OPTIONS, str(image.folder(os.environ)))


class Threefold:
    """ThreeFold's grid by counterparts: a chain's node, a proxy, nodes, and programs that deploy."""

    MARKS = ()

    def __init__(self, folder: Path, **world: float) -> None:
        self.world = World(**world)
        self.server = Server(self.world)
        self.close, self.pass_time = self.server.stop, self.world.pass_time
        self.catalog: Catalog = proxy.Proxy([self.server.url], harness.POLICY)
        tfcmd, tfrobot = (
            programs.install(folder, self.server.url, name=name) for name in ("tfcmd", "tfrobot")
        )
        self.given = threefold_account.ThreefoldOptions(
            tfcmd, "https://hub.grid.tf/farmhand.3bot/farmhand.flist", tfrobot
        )

    def account(self, tft: int = 1000) -> threefold_account.ThreefoldAccount:
        return self.stranger(self.world.open(tft))

    def stranger(self, mnemonic: str) -> threefold_account.ThreefoldAccount:
        return threefold_account.ThreefoldAccount(
            "dev", self.given, self.server.url, Secret(mnemonic), harness.POLICY
        )

    def payer(self, tft: int = 1000) -> payments.ThreefoldPayer:
        return self.payer_of(self.world.open(tft))

    def payer_of(self, words: str) -> payments.ThreefoldPayer:
        return payments.ThreefoldPayer("dev", self.server.url, Secret(words))

    def mint(self, address: str, amount: int, transaction: str) -> None:
        fee = self.world.state.terms.deposit_fee
        self.world.notice(Minted(transaction.encode(), addresses.decode(address), amount + fee))

    def make_blocks(self, number: int) -> None:
        for _ in range(number):
            self.world.seal()

    def hold_tft_price(self, musd: int) -> None:
        self.world.notice(PriceSet(musd))

    def kill_vm(self, name: str) -> None:
        """The chain pauses it: of a machine that has died within, ThreeFold's grid does not tell."""
        (number,) = (c.contract_id for c in self.world.living() if name_of(c.deployment_data) == name)
        self.world.notice(Suspended(number))

    def crash(self) -> None:
        self.server.stop()
        self.server.start()

    def refusing(self, node_id: int) -> AbstractContextManager:
        return self.world.with_faults(refusing={node_id: "the node is told to refuse"})

    def losing_calls(self) -> AbstractContextManager:
        return self.world.with_faults(silent=True)

    def losing_answers(self) -> AbstractContextManager:
        return self.world.with_faults(hush=True)

    def silent(self) -> AbstractContextManager:
        return self.world.with_faults(silent=True)


DRIVERS = {"simulated": Simulated, "local": Local, "threefold": Threefold}
