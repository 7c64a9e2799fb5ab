"""What process 1 of a machine reads, without a machine."""

import re
import subprocess

from tests.images.programs import IMAGES

ENTRYPOINT = (IMAGES / "machine/tree/opt/farmhand/entrypoint").read_text()
TAKE = re.search(r"^take_variables\(\) \{.*?^\}", ENTRYPOINT, re.M | re.S)[0]


def taken(ssh_key: str) -> dict[str, str]:
    """The variables of the shell after it has read such a key."""
    ran = subprocess.run(
        ["sh", "-c", f"{TAKE}\ntake_variables\nexec env"],
        env={"PATH": "/usr/bin:/bin", "SSH_KEY": ssh_key},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in ran.stdout.splitlines())


def test_a_machines_variables_come_as_its_ssh_key():
    told = taken(
        "FARMHAND_VM=7\nFARMHAND_TOKEN=a=b $(id) `id` \"'\\\nFARMHAND_AGENT_URL=https://ci.example.org/?a=b\n"
    )
    assert told["FARMHAND_VM"] == "7"
    assert told["FARMHAND_TOKEN"] == "a=b $(id) `id` \"'\\"
    assert told["FARMHAND_AGENT_URL"] == "https://ci.example.org/?a=b"


def test_nothing_else_of_it_becomes_a_variable():
    told = taken("PATH=/tmp\nssh-ed25519 AAAA somebody\nFARMHAND_VM=7\n")
    assert told["PATH"] == "/usr/bin:/bin"
    assert told["FARMHAND_VM"] == "7"
    assert "SSH_KEY" not in told
