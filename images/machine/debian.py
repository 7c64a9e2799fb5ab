"""The system under our part of the image: Debian's packages, unpacked by mmdebstrap into a tar file."""

import hashlib
import json
import pathlib
import subprocess
import tempfile

import builder
import contents

TRIES = 2  # about one in six failed while unpacking a package, for no lasting reason
LEFT_OUT = ("man", "locale", "doc")  # folders of /usr/share that a machine does without
LICENCES = "/usr/share/doc/*/copyright"
NO_INITRD = ("env", "INITRD=No")  # the kernel's package would make one, which takes longer than all the rest


def system(home, fresh):
    """The tar file, kernel included. It is made once for a list of packages, unless it is to be fresh."""
    defined = contents.definition()["debian"]
    packages = [*contents.packages("debian"), defined["kernel"]]
    inputs = [defined, packages, LEFT_OUT]
    return kept(home, "debian-{}.tar.zst", inputs, fresh, lambda tar: unpack(defined, packages, tar))


def kept(home, name, inputs, fresh, command):
    """The tar file that the words of `command(path)` make; made once for these inputs, whose hash is in its name."""
    whole = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
    tar = home / name.format(whole[:16])
    if fresh or not tar.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix=f"{tar.name}-") as folder:
            work = pathlib.Path(folder)
            builder.give(work)
            tried(command(work / tar.name))
            (work / tar.name).rename(tar)
    return tar


def unpack(defined, packages, tar):
    """The words that unpack them into `tar`."""
    return (
        *NO_INITRD,
        *minimal(packages),
        *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in LEFT_OUT),
        f"--dpkgopt=path-include={LICENCES}",
        *(defined["release"], tar),
        *sources(defined),
    )


def minimal(packages):
    return "mmdebstrap", "--mode=unshare", "--variant=minbase", f"--include={','.join(packages)}"


def sources(defined):
    release, mirror = defined["release"], defined["mirror"]
    return (
        f"deb {mirror} {release} main",
        f"deb {mirror} {release}-updates main",
        f"deb {defined['security']} {release}-security main",
    )


def tried(words):
    for last in range(TRIES - 1, -1, -1):
        try:
            return builder.run(*words)
        except subprocess.CalledProcessError:
            if not last:
                raise
