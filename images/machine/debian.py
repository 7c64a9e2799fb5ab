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
    name = hashlib.sha256(json.dumps([defined, packages, LEFT_OUT]).encode()).hexdigest()[:16]
    base = home / f"debian-{name}.tar.zst"
    if fresh or not base.exists():
        with tempfile.TemporaryDirectory(dir=home, prefix="debian-") as work:
            builder.give(pathlib.Path(work))
            tried(command(defined, packages, f"{work}/new.tar.zst"))
            pathlib.Path(work, "new.tar.zst").rename(base)
    return base


def command(defined, packages, tar):
    release, mirror = defined["release"], defined["mirror"]
    return (
        *NO_INITRD,
        *("mmdebstrap", "--mode=unshare", "--variant=minbase", f"--include={','.join(packages)}"),
        *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in LEFT_OUT),
        f"--dpkgopt=path-include={LICENCES}",
        *(release, tar),
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
