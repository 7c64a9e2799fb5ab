"""A full VM's disk, image.raw, of an image that is built: `make image RAW=1`. ThreeFold starts it by its own kernel.

It has two partitions. From the first, cloud-hypervisor's firmware takes kernel, initrd and command line as the Boot
Loader Specification says (rust-hypervisor-firmware, src/loader.rs); any UEFI starts systemd-boot there, which does the
same. The second is the image's root.erofs. What is left of the disk that a node copies it to becomes the store
(grids/threefold).
"""

import itertools
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

import builder
import kernel
import pack

HERE = pathlib.Path(__file__).parent
NAME = "image.raw"
GRID = ("threefold", "netplan", "partition.py")  # of grids/
FILES = ("raw.py", *GRID)  # that are for it alone
MIB, SECTOR = 2**20, 512
START = 1  # MiB before the first partition
BOOT = 40  # MiB, its size: with clusters of one sector, FAT32 takes 33 at least
MODULES = (*(name for name in pack.MODULES if name != "qemu_fw_cfg"), "vfat", "nls_cp437", "nls_ascii")
ENTRY = "farmhand.conf"  # whose file name is a long one: the firmware compares no other
OPTIONS = "console=ttyS0 quiet panic=1 cryptomgr.notests"
TEXTS = {
    "loader/loader.conf": f"default {ENTRY}\ntimeout 0\n",
    f"loader/entries/{ENTRY}": f"title Farmhand\nlinux /vmlinuz\ninitrd /initrd.img\noptions {OPTIONS}\n",
}
UEFI = pathlib.Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
OF_DEBIAN = ("./boot", "./bin", "./lib", "./usr/bin/busybox", "./usr/lib/modules")
OTHER_KERNEL = "This image has another kernel than the Debian here: make image RAW=1 FRESH=1, without KERNEL."
NEEDED = "A full VM's disk needs Debian's packages: apt-get install fdisk mtools systemd-boot-efi"


def add(base, image):
    """Beside the image's other files, and to its manifest. `base` is the Debian that it was built from."""
    if not (UEFI.exists() and all(map(shutil.which, ("sfdisk", "mformat")))):
        raise SystemExit(NEEDED)
    with tempfile.TemporaryDirectory(dir=image.parent, prefix="raw-") as name:
        work = pathlib.Path(name)
        builder.give(work)
        shutil.copytree(HERE, work / "program")
        builder.run("python3", work / "program/raw.py", base, image, work / "out")
        (work / "out" / NAME).replace(image / NAME)
    manifest = image / "manifest.json"
    facts = json.loads(manifest.read_text())
    facts["sizes"][NAME] = (image / NAME).stat().st_size
    manifest.write_text(json.dumps(facts, indent=1) + "\n")


def main(base, image, out):
    out.mkdir()
    root = unpack(base, out / "root")
    if kernel.release(root) != json.loads((image / "manifest.json").read_text())["kernel"]["version"]:
        raise SystemExit(OTHER_KERNEL)
    pack.pack_initrd(root, out / "initrd.img", MODULES, *GRID)
    lay_boot(out / "boot", root, out / "initrd.img")
    fill(out / NAME, out / "boot", image / "root.erofs")


def unpack(base, root):
    """Kernel, modules and busybox, as far as an initrd needs them."""
    root.mkdir()
    pack.run("tar", "--extract", "--no-same-owner", "--file", base, "--directory", root, *OF_DEBIAN)
    pack.run("xz", "--decompress", *(root / "usr/lib/modules").rglob("*.ko.xz"))
    pack.run("depmod", "--basedir", root, kernel.release(root))
    return root


def lay_boot(folder, root, initrd):
    """What is in the first partition."""
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    (folder / "EFI/BOOT").mkdir(parents=True)
    shutil.copy(UEFI, folder / "EFI/BOOT/BOOTX64.EFI")
    shutil.copy(kernel.found(root), folder / "vmlinuz")
    shutil.copy(initrd, folder)


def fill(disk, boot, root):
    """A disk with what is in the folder `boot`, and the file `root`."""
    partition(disk, root.stat().st_size)
    fill_boot(disk, boot)
    with open(disk, "r+b") as file, open(root, "rb") as filled:
        file.seek((START + BOOT) * MIB)
        shutil.copyfileobj(filled, file, MIB)


def partition(disk, root):
    """An empty disk of a table, two partitions, and a MiB for the table's copy."""
    size = math.ceil(root / MIB)
    with open(disk, "wb") as file:
        file.truncate((START + BOOT + size + 1) * MIB)
    table = f"label: gpt\n{START}MiB,{BOOT}MiB,uefi\n{START + BOOT}MiB,{size}MiB,linux\n"
    words = ("sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", disk)
    subprocess.run(words, input=table, text=True, check=True)


def fill_boot(disk, folder):
    """As FAT32, which is what this firmware's users have."""
    place = ("-i", f"{disk}@@{START}M")
    sectors = {"-T": BOOT * MIB // SECTOR, "-H": START * MIB // SECTOR, "-c": 1}
    pack.run("mformat", *place, "-F", *itertools.chain(*sectors.items()), "::")
    pack.run("mcopy", *place, "-s", *sorted(folder.iterdir()), "::")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
