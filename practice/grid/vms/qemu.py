"""QEMU's command line for one machine. Nothing secret stands in it, and all its files are in the working folder.

The guest's memory stays out of core dumps and, where the host has swap, out of that. A guest that reboots ends its
QEMU: a reboot would leave the memory as it is (measured), so what comes again is a new process with a new disk.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from practice.grid.vms import host, network
from practice.grid.vms.image import Image

PROGRAM = "qemu-system-x86_64"
BOARD = "q35,usb=off,vmport=off,smbus=off,sata=off,i8042=off,dump-guest-core=off"
# All that follows `panic` saves about a third of a boot's processor time under emulation: no tests of ciphers, no parts
# of the kernel that nothing here uses, no security modules without rules, no waiting for grace periods, one serial
# port, and no patching of ten thousand places that could do without a lock on one processor.
APPEND = (
    "console=ttyS0 quiet reboot=t panic=-1 cryptomgr.notests initcall_blacklist=jent_mod_init,"
    "btf_vmlinux_init,load_system_certificate_list,crypto_kdf108_init,bpf_tcp_ca_kfunc_init,bpf_dummy_struct_ops_init,"
    "init_encrypted,init_ima,init_evm,xenbus_probe_backend_init,ksm_init"
    " lsm= audit=0 rcupdate.rcu_expedited=1 8250.nr_uarts=1 noreplace-smp"
)
NO_TIMER_OF_ITS_OWN = " noapictimer"  # whose rate takes 0.1 s to find: one processor does with the board's
QUICK_BIOS = Path("/usr/share/qemu/qboot.rom")  # beside QEMU's other firmware: it only starts a kernel
NO_HOTPLUG = "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off"  # most of ACPI's tables are for it
# Not spawn=deny nor elevateprivileges=deny (no setsid): the door starts a program for each connection (network.py).
SANDBOX = "on,obsolete=deny,resourcecontrol=deny"
ACCELERATED = ["-accel", "kvm", "-cpu", "host"]
# MiB of translated code: a boot takes 0.3 s longer with 32, and with 64 an idle machine takes over 200 MiB of the host.
# Of the processor all but what makes each change between kernel and program dearer, and page tables five levels deep.
EMULATED = ["-accel", "tcg,tb-size=48", "-cpu", "max,-smap,-smep,-pku,-la57"]
BARE = [
    *("-M", BOARD, "-global", NO_HOTPLUG, *(("-bios", str(QUICK_BIOS)) if QUICK_BIOS.exists() else ())),
    *("-nodefaults", "-no-user-config", "-nographic", "-no-reboot", "-sandbox", SANDBOX),
]

ZOSRC, SCRATCH, CONSOLE, LOG = "zosrc", "scratch.img", "console.log", "qemu.log"
MIB = 2**20
OVERHEAD = 512 * MIB  # that QEMU takes beside the guest's memory at most, and any file of it beside the disk

OWN_FILES = 32  # that QEMU has open for itself: 10 were counted with one card and no disk
FILES_A_PROCESSOR = 16  # with KVM: its own, and two for each queue of each disk

log = logging.getLogger(__name__)


def boot(image: Image, more: str = "") -> list[str]:
    """What starts the image's kernel."""
    return ["-kernel", str(image.kernel), "-initrd", str(image.initrd), "-append", APPEND + more]


def command(
    image: Image, cpu: int, memory: int, emulated: bool, network: Sequence[str], folder: Path
) -> list[str]:
    """A machine of this many processors and MiB, whose empty disk is in the folder already."""
    scratch, accelerator = folder / SCRATCH, EMULATED if emulated else ACCELERATED
    return [
        *_limited(scratch.stat().st_size, cpu),
        *[PROGRAM, *BARE, *accelerator, "-smp", str(cpu), "-m", str(memory), *_locked(memory)],
        *boot(image, NO_TIMER_OF_ITS_OWN if emulated and cpu == 1 else ""),
        *_disk("root", f"{image.root},readonly=on,file.locking=off"),
        *_disk("scratch", f"{SCRATCH},discard=unmap,cache={_cache(scratch)}"),
        *network,
        *["-device", "virtio-rng-pci"],
        *["-chardev", f"file,id=console,path={CONSOLE},append=on", "-serial", "chardev:console"],
        *["-fw_cfg", f"name=opt/farmhand/zosrc,file={ZOSRC}"],
    ]


def _limited(disk: int, cpu: int) -> list[str]:
    """No core dump, no file larger than the disk (a console that floods while nobody tends it), no more rights than
    ours by any program, and processor time after others. And few open files: each connection that a guest has through
    the door is one of its QEMU's, and a program on this host (network.py). Where none is left it is closed at once."""
    files = OWN_FILES + FILES_A_PROCESSOR * cpu + network.CONNECTIONS
    limits = ["prlimit", "--core=0", f"--fsize={max(disk, OVERHEAD)}", f"--nofile={files}"]
    return [*limits, "setpriv", "--no-new-privs", "nice", "-n", "5"]


def _disk(name: str, rest: str) -> list[str]:
    drive = f"if=none,id={name},format=raw,file={rest}"
    return ["-drive", drive, "-device", f"virtio-blk-pci,drive={name}"]


def _cache(scratch: Path) -> str:
    """Without the host's page cache, where its file system can (a tmpfs can't)."""
    try:
        os.close(os.open(scratch, os.O_RDWR | os.O_DIRECT))
    except OSError:
        return "writeback"
    return "none"


def _locked(memory: int) -> list[str]:
    """Where the host has swap, hold the guest's memory in place, if we may."""
    if not host.swaps():
        return []
    if host.locks(memory * MIB + OVERHEAD):
        return ["-overcommit", "mem-lock=on"]
    log.warning("this host has swap and ulimit -l is too small: guests' memory may be written there")
    return []
