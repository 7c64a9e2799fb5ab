"""A kernel of our own configuration, built from Debian's source: `make image KERNEL=built-in`. It takes minutes."""

import pathlib
import shutil

import contents
import debian

HERE = pathlib.Path(__file__).parent
FILES = ("source_kernel.sh", "source_kernel.config")


def built(home, fresh):
    """A tar file of `kernel`, a folder with the kernel's boot and usr. It is made once for a configuration."""
    defined = contents.definition()
    inputs = [defined["source_kernel"], *((HERE / name).read_text() for name in FILES)]
    return debian.kept(home, "kernel-{}.tar", inputs, fresh, lambda tar: command(defined, tar))


def command(defined, tar):
    """The words that build it into `tar`, in a system of its own, which is gone afterwards."""
    for name in FILES:
        shutil.copy(HERE / name, tar.parent)
    packages = [defined["source_kernel"]["package"], *defined["source_kernel"]["tools"]]
    return (
        *debian.minimal(packages),
        "--format=null",
        *(f"--customize-hook=upload {tar.parent}/{name} /{name}" for name in FILES),
        f'--customize-hook=chroot "$1" sh /{FILES[0]}',
        f"--customize-hook=tar-out /kernel {tar}",
        *(defined["debian"]["release"], "/dev/null"),
        *debian.sources(defined["debian"]),
    )
