"""The local grid alone, with a manager that a test speaks for."""

import os
from pathlib import Path

from practice.grid.vms import image, network
from tests.images.manager import FakeManager
from tests.practice.grid import harness
from tfci.core.secret import Secret
from tfci.grid.ports import Order

CLAIM = 400  # seconds that a boot by emulation may take on a busy host


class Host(harness.Grid):
    """Its machines' door leads to `manager` and nowhere else."""

    def __init__(self, home: Path, *options: str) -> None:
        self.manager = FakeManager()
        images = ("--vms", str(image.folder(os.environ)), "--nodes", "2")
        doors = ("--door", f"127.0.0.1:{self.manager.port}", "--no-way-out")
        super().__init__(home, *images, *doors, *options)
        self.wallet = self.account()

    def order(self, number: int, memory: int = 256, **more: str) -> Order:
        """A small machine, which is told to call the manager."""
        told = {
            "FARMHAND_AGENT_URL": f"http://{network.HOST}:{self.manager.port}",
            "FARMHAND_VM": str(number),
            "FARMHAND_TOKEN": f"bootstrap-{number}",
            **more,
        }
        secrets = {name: Secret(value) for name, value in told.items()}
        return Order(f"vm{number}", 1 + number % 2, 1, memory, 2, secrets)

    def claimed(self, number: int, count: int = 1) -> dict:
        """What that machine said when it claimed for the count-th time."""
        return harness.until(lambda: self._claims(number)[count - 1 : count], CLAIM)[0]

    def _claims(self, number: int) -> list[dict]:
        return [said for said in self.manager.said("claim") if said["vm"] == number]

    def close(self) -> None:
        super().close()
        self.manager.down()
