"""tfcmd: one VM on one node that is named, by a run of ThreeFold's own program.

Its flags, files and messages are those of threefoldtech/tfgrid-sdk-go (grid-cli, grid-client). It gets no secret on
its command line: the mnemonic is in its configuration, the VM's variables in the file that it takes for
a public SSH key, for that is the one variable which it reads from a file. The image's entrypoint takes them out again.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from tfci.core.secret import Secret
from tfci.grid.drivers.threefold import error_classification, programs
from tfci.grid.ports import Order, Refusal
from tfci.grid.reasons import DeploymentTimeout, OrderUnfit

LIMIT = 180.0  # seconds of a run; it would wait for a node for 4 minutes and more
ROOT = 2  # GB of the disk that become the root, which holds what the image changes until its store is made
LARGEST = 32  # processors (workloads/vm_light.go)
ENTRYPOINT = "/opt/farmhand/entrypoint"
NAME = re.compile(r"[a-z0-9_]{1,28}")  # with the ends that it appends, 36 at most (workloads/deployment.go)
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
ADDRESS = re.compile(r"vm mycelium ip: ([0-9a-f:]+)")


class Tfcmd:
    """Deploys for one account. `program` was looked at by programs.locate()."""

    def __init__(self, program: str, network: str, image: str, mnemonic: Secret) -> None:
        self._program, self._network, self._image, self._mnemonic = program, network, image, mnemonic

    def deploy(self, order: Order) -> Mapping[str, str] | Refusal:
        """Its addresses, or the failure: then something of it may be left, and has to be looked for.

        Raises OutOfFunds, Unavailable or GridError where the fault is the account's or the chain's."""
        if problem := unfit(order):
            return Refusal(order.name, OrderUnfit(problem), node_at_fault=False)
        with programs.folder() as home:
            self._configure(home, order)
            result = programs.run(self._command(order, home), home, {"XDG_CONFIG_HOME": str(home)}, LIMIT)
        if result.code == 0 or error_classification.vm_is_up(result):
            return {"mycelium": found[1]} if (found := ADDRESS.search(result.stderr)) else {}
        return error_classification.refusal(order.name, result, DeploymentTimeout("tfcmd", round(LIMIT)))

    def _configure(self, home: Path, order: Order) -> None:
        account = {"mnemonics": " ".join(self._mnemonic.reveal().split()), "network": self._network}
        programs.write(home / ".tfgridconfig", json.dumps(account))
        lines = [f"{name}={secret.reveal()}" for name, secret in order.environment.items()]
        programs.write(home / "variables", "\n".join(lines) + "\n")

    def _command(self, order: Order, home: Path) -> list[str]:
        flags = {
            "name": order.name,
            "ssh": home / "variables",
            "node": order.node_id,
            "cpu": order.cpu,
            "memory": -(-order.memory // 1024),
            "rootfs": ROOT,
            "disk": order.disk - ROOT,
            "flist": order.image or self._image,
            "entrypoint": ENTRYPOINT,
        }
        return [self._program, "deploy", "vm", *(f"--{flag}={value}" for flag, value in flags.items())]


def unfit(order: Order) -> str:
    """Why these programs can't deploy the order on any node; "" if they can."""
    if not NAME.fullmatch(order.name):
        return f"{order.name!r} can’t be a VM’s name on ThreeFold: small letters, digits and _, at most 28."
    if not 1 <= order.cpu <= LARGEST:
        return f"A VM on ThreeFold has 1 to {LARGEST} processors."
    if order.disk <= ROOT:
        return f"A VM on ThreeFold needs more than {ROOT} GB of disk."
    for name, secret in order.environment.items():
        if not VARIABLE.fullmatch(name) or not secret.reveal().isprintable():
            return f"The variable {name!r} can’t be handed to a VM."
    return ""
