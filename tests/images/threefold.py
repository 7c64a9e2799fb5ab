"""What a ThreeFold node tells a full VM, on a disk that it makes for cloud-init (zosbase, pkg/vm/cloudinit)."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

SIZE = 2 * 2**20
PRIVATE, OVERLAY = (
    "52:54:00:12:34:56",
    "aa:bb:cc:dd:ee:01",
)  # a card in the private network, one in Mycelium's
NETWORK = f"""\
#cloud-config
ethernets:
  eth0:
    match:
      macaddress: "{PRIVATE}"
    dhcp4: false
    addresses:
    - 10.0.2.15/24
    - 10.0.2.15/24
    gateway4: 10.0.2.2
    routes:
    - to: 0.0.0.0/0
      via: 10.0.2.2
    - to: 10.1.0.0/16
      via: 10.0.2.2
    nameservers:
      addresses:
      - 8.8.8.8
      - 1.1.1.1
      - 2001:4860:4860::8888
  eth1:
    match:
      macaddress: {OVERLAY}
    dhcp4: false
    addresses:
    - 4f0:8a1:2b3:ff0f:1:2:3:4/64
    routes:
    - to: 400::/7
      via: 4f0:8a1:2b3:ff0f::1
version: 2
"""


def tell(disk: Path, variables: Mapping[str, str]) -> None:
    """As Farmhand has them told: all in one variable, one a line. Its file system is FAT with 12 bits, where a node's
    has 32 and fewer clusters than that may have, which the kernel takes and mtools does not make."""
    lines = "".join(f"{name}={value}\n" for name, value in variables.items())
    texts = {
        "meta-data": "#cloud-config\ninstance-id: 12-34-vm\nlocal-hostname: vm\n",
        "network-config": NETWORK,
        "user-data": "#cloud-config\nmounts: []\nusers: []\n",
        "zosrc": f"export SSH_KEY='{lines}'\ninit='/opt/farmhand/entrypoint'\n",
    }
    subprocess.run(["mformat", "-i", disk, "-C", "-T", str(SIZE // 512), "-v", "cidata", "::"], check=True)
    for name, text in texts.items():
        subprocess.run(["mcopy", "-i", disk, "-", f"::{name}"], input=text.encode(), check=True)
