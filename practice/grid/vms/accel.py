"""KVM or software emulation: by trying, once for each start of the host.

That /dev/kvm can be opened proves nothing: some hosts have one that emulates an ordinary guest kernel at a crawl.
So KVM is used only where the processor has the means and a guest was seen to get through its boot.
"""

import json
import os
import re
import subprocess
from pathlib import Path

from practice.grid.vms import qemu
from practice.grid.vms.image import Image

PATIENCE = 15.0  # seconds for a boot that takes well under two where KVM is real


def emulated(image: Image, cache: Path) -> bool:
    """Whether machines have to run by software emulation. The answer is kept in the file `cache`."""
    host = {"boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip(), "image": image.hash}
    known_result = json.loads(cache.read_text()) if cache.exists() else {}
    if known_result.get("about") != host:
        known_result = {"about": host, "kvm": _kvm_available() and _guest_boots(image)}
        cache.write_text(json.dumps(known_result))
    return not known_result["kvm"]


def _kvm_available() -> bool:
    """Whether the processor can, and we may."""
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    can = flags is not None and bool({"vmx", "svm"} & set(flags[1].split()))
    return can and os.access("/dev/kvm", os.R_OK | os.W_OK)


def _guest_boots(image: Image) -> bool:
    """Whether a guest without a disk boots, prints something and ends."""
    command = [
        qemu.PROGRAM,
        *qemu.BARE,
        *qemu.ACCELERATED,
        "-m",
        "256",
        *qemu.boot(image),
        "-serial",
        "stdio",
    ]
    try:
        guest = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return False
    return guest.returncode == 0 and bool(guest.stdout)
