"""Debian's kernel made quick to boot: bare, for QEMU to enter it directly, and an initrd with just what it needs."""

import pathlib
import shutil
import struct
import subprocess

GZIP = b"\x1f\x8b"
# How the payload of a bzImage says what it is packed with, and what unpacks it.
UNPACKERS = {
    b"\x02\x21\x4c\x18": ("lz4", "-dc"),
    b"\x28\xb5\x2f\xfd": ("zstd", "-dc"),
    b"\xfd7zX": ("xz", "-dc", "--single-stream"),
    GZIP: ("gzip", "-dc"),
}
ELF = b"\x7fELF"
SIGNED, SIGNED_FACTS = b"~Module signature appended~\n", 12  # what ends a module that is, and bytes before it


def found(root):
    """The kernel of a tree, which has one."""
    (image,) = (root / "boot").glob("vmlinuz-*")
    return image


def release(root):
    return found(root).name.removeprefix("vmlinuz-")


def unpacked(image):
    """The kernel inside a bzImage, an ELF file (Documentation/arch/x86/boot.rst: setup_sects, payload_offset)."""
    data = image.read_bytes()
    sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (sectors + 1) * 512 + offset
    payload = data[start : start + length]
    if not payload.startswith(GZIP):
        payload = payload[:-4]  # behind it stands its size when unpacked, with which gzip's own form ends
    for magic, command in UNPACKERS.items():
        if payload.startswith(magic):
            done = subprocess.run(command, input=payload, stdout=subprocess.PIPE, check=False)
            if done.stdout.startswith(ELF):
                return done.stdout
    raise ValueError(f"{image} holds no kernel that can be unpacked")


def lay_initrd(folder, root, modules):
    """A folder with busybox, the modules, and `lib/order`: the order in which they can be loaded."""
    for place in ("bin", "lib", "dev", "proc", "sys", "root"):
        (folder / place).mkdir(parents=True)
    shutil.copy(root / "bin/busybox", folder / "bin/busybox")
    (folder / "bin/sh").symlink_to("busybox")
    files = needed(root, modules)
    for path in files:
        (folder / "lib" / path.name).write_bytes(unsigned(path.read_bytes()))
    (folder / "lib/order").write_text("".join(f"{path.name}\n" for path in files))


def unsigned(module):
    """A module without its signature, which stands behind it (scripts/sign-file.c). They all lie in the initrd, which
    no job can change: to check them took a fifteenth of a boot under emulation."""
    if not module.endswith(SIGNED):
        return module
    length = int.from_bytes(module[-len(SIGNED) - 4 : -len(SIGNED)])
    return module[: -len(SIGNED) - SIGNED_FACTS - length]


def needed(root, modules):
    """The files of these modules and of all that they need, in the order of loading; none for what is built in."""
    modprobe = ("modprobe", "--show-depends", "--all", "--dirname", str(root), "--set-version", release(root))
    lines = subprocess.run(
        [*modprobe, *modules], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return dict.fromkeys(pathlib.Path(line.split()[1]) for line in lines if line.startswith("insmod "))
