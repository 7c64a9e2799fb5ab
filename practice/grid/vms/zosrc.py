"""A machine's variables at its start, as text that the guest's first program sources.

The same words as on ThreeFold's micro VMs (a disk there, QEMU's fw_cfg here). Never on a command line: the bootstrap
token is among them.
"""

import os
from collections.abc import Mapping
from pathlib import Path

ENTRYPOINT = "/opt/farmhand/entrypoint"


def write(path: Path, variables: Mapping[str, str]) -> None:
    """For its owner only. Raises ValueError for a value that a shell would not take as it stands."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"export {name}={_quoted(name, value)}\n" for name, value in variables.items())
        file.write(f"init={_quoted('init', ENTRYPOINT)}\n")


def _quoted(name: str, value: str) -> str:
    if "'" in value or not value.isprintable():
        raise ValueError(f"{name} can't be given to a machine: it has a quote or a line end in it")
    return f"'{value}'"
