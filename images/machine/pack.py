"""Packs the files of an image, root.erofs, vmlinux and initrd.img, from a tree that has a kernel in it.

Runs as the root of a user namespace (`unshare --map-root-user --map-auto`), which is nobody outside it.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess

import kernel

# What the initrd loads, each with all that it needs: disks and network of QEMU, the source, the root, the store.
MODULES = (
    *("virtio_pci", "virtio_blk", "virtio_net", "virtio_rng", "qemu_fw_cfg"),
    *("erofs", "overlay", "dm_crypt", "ext4", "xts", "aesni_intel"),
)
LEFT_OUT = ("boot", "var/cache/apt", "var/lib/apt/lists")
BUILDERS_OWN = "etc/resolv.conf"  # mmdebstrap leaves the one of the computer that it ran on
FOREIGN = "usr/bin/qemu-*"  # programs for other processors, 30 to 40 MB together with all but one of them
KEPT = "usr/bin/qemu-aarch64"
SHARED_KEYS = "etc/ssh/ssh_host_*"  # that all machines would have: debug access draws its own
# What each boot runs, with its libraries: it lies on the image as it is, for to unpack it takes time under emulation.
BOOTED = ("/usr/bin/python3", "/usr/sbin/cryptsetup", "/usr/sbin/mke2fs", "/usr/sbin/nft")
BOOTED_TOO = (
    *("usr/bin/busybox$", "opt/farmhand/[^/]*$", "opt/farmhand/farmhand_agent/"),
    "usr/lib/python3[^/]*/(__pycache__|collections|encodings|json|lib-dynload|re)/",
)
PLACES = ("mnt", "work", "var/lib/docker", "var/lib/apt/lists/partial")  # which have to be there


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", type=pathlib.Path, help="a tar file: another kernel than that")
    parser.add_argument("base", type=pathlib.Path, help="a tar file: a Debian with its kernel")
    parser.add_argument("ours", type=pathlib.Path, help="a folder: what is laid over it")
    parser.add_argument("out", type=pathlib.Path, help="a folder, not there yet")
    options = parser.parse_args()
    options.out.mkdir()
    root = options.out / "root"
    root.mkdir()
    unpack(options.base, root)
    if options.kernel:
        take_kernel(options.kernel, root)
    lay(options.ours, root)
    unpack_modules(root)
    compile_python(root)
    pack_kernel(root, options.out)
    clean(root)
    pack_root(root, options.out / "root.erofs")
    (options.out / "packed.json").write_text(json.dumps(facts(root, options.out)))
    shutil.rmtree(root)


def unpack(base, root, *more):
    """All but the devices, which are the kernel's to give: in a user namespace none can be made."""
    options = ("--extract", "--numeric-owner", "--preserve-permissions", "--exclude=./dev/*", *more)
    run("tar", *options, "--file", base, "--directory", root)


def take_kernel(tar, root):
    for place in ("boot", "usr/lib/modules"):
        shutil.rmtree(root / place)
    unpack(tar, root, "--strip-components=1")


def lay(ours, root):
    """Our files over the system's, owned by root."""
    run("cp", "--recursive", "--preserve=mode,links", f"{ours}/.", root)


def unpack_modules(root):
    """So that no machine has to: under emulation that takes longer than all the rest of loading them."""
    modules = [str(path) for path in (root / "lib/modules").rglob("*.ko.xz")]
    if modules:
        run("xz", "--decompress", *modules)
        run("chroot", root, "depmod", kernel.release(root))


def compile_python(root):
    """Byte code that is taken as it is: file times, by which Python would know it, are all the same on the image."""
    folders = [f"/{path.relative_to(root)}" for path in (root / "usr/lib").glob("python3*")]
    command = ("python3", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash")
    run("chroot", root, *command, *folders, "/opt/farmhand")


def pack_kernel(root, out):
    (out / "vmlinux").write_bytes(kernel.unpacked(kernel.found(root)))
    pack_initrd(root, out / "initrd.img", MODULES, "local")


def pack_initrd(root, file, modules, grid, *more):
    """`grid` and `more` are names in grids/: what init does there, and what that needs."""
    initrd, here = file.with_suffix(""), pathlib.Path(__file__).parent
    kernel.lay_initrd(initrd, root, modules)
    shutil.copy(here / "init", initrd / "init")
    shutil.copy(here / "grids" / grid, initrd / "grid")
    for name in more:
        shutil.copy(here / "grids" / name, initrd / name)
    archive = f"find . | cpio --quiet --create --format=newc --owner=0:0 >../{file.name}"  # no machine has to unpack it
    run("sh", "-c", f"cd {initrd} && {archive}")
    shutil.rmtree(initrd)


def clean(root):
    for place in LEFT_OUT:
        shutil.rmtree(root / place, ignore_errors=True)
    (root / BUILDERS_OWN).unlink(missing_ok=True)
    for key in root.glob(SHARED_KEYS):
        key.unlink()
    for program in root.glob(FOREIGN):
        if program != root / KEPT:
            program.unlink()
    for place in PLACES:
        (root / place).mkdir(parents=True, exist_ok=True)


def pack_root(root, file):
    """The same tree gives the same bytes: times and the file system's name are fixed."""
    nobody = "00000000-0000-0000-0000-000000000000"
    hints = file.with_suffix(".hints")
    hints.write_text("".join(f"0 ^{pattern}\n" for pattern in not_compressed(root)))
    run("mkfs.erofs", "--quiet", "-zlz4hc", f"--compress-hints={hints}", "-T0", f"-U{nobody}", file, root)
    hints.unlink()


def not_compressed(root):
    """Patterns of paths, as mkfs.erofs matches them."""
    lines = run("chroot", root, "ldd", *BOOTED).splitlines()
    libraries = {word for line in lines for word in line.split() if word.startswith("/") and word[-1] != ":"}
    real = {(root / path[1:]).resolve().relative_to(root.resolve()) for path in (*BOOTED, *libraries)}
    return [*sorted(re.escape(str(path)) + "$" for path in real), *BOOTED_TOO]


def facts(root, out):
    """The image's part of the manifest."""
    return {
        "kernel": next((root / "lib/modules").iterdir()).name,
        "sizes": {path.name: path.stat().st_size for path in out.iterdir() if path.is_file()},
        "unpacked": int(run("du", "-sb", root).split()[0]),
        "packages": packages(root),
    }


def packages(root):
    listed = run("chroot", root, "dpkg-query", "--show", "--showformat=${Package} ${Version}\\n")
    pairs = (line.split() for line in listed.splitlines())
    return [{"name": name, "version": version, "licence": licence(root, name)} for name, version in pairs]


def licence(root, package):
    """Of most of its files, where its copyright file says it in Debian's form for machines; else None."""
    try:
        text = (root / "usr/share/doc" / package / "copyright").read_text(errors="replace")
    except OSError:
        return None
    found = re.search(r"^Files: *\*\n(?:.+\n)*?License: *(.+)$", text, re.MULTILINE)
    return found and found[1].strip()


def run(*command):
    """What it printed. Raises when it fails."""
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
