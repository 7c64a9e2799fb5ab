"""actions/checkout for the practice engine: the files of the job's commit, as its forge packs them for everybody."""

import http.client
import io
import os
import tarfile
import urllib.request

LIMIT = 64 * 1024 * 1024  # bytes, packed
TIMEOUT = 30


class Withheld(Exception):
    """The forge does not give them to everybody; str() says how it answered."""


def checkout(github, folder):
    """Put the files into the folder, and return how many there are. Raises Withheld."""
    path = f"repos/{github['repository']}/archive/{github['sha']}.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(fetched(f"{github['api_url']}/{path}"))) as archive:
        entries = [(entry, place(entry.name, folder)) for entry in archive if entry.isfile()]
        for entry, target in entries:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(archive.extractfile(entry).read())
            os.chmod(target, 0o755 if entry.mode & 0o100 else 0o644)
    return len(entries)


def fetched(url):
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 - our forge's own address
            packed = answer.read(LIMIT + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Withheld(str(error)) from error
    if len(packed) > LIMIT:
        raise Withheld(f"more than {LIMIT >> 20} MiB")
    return packed


def place(name, folder):
    """Where an entry goes: the archive's own folder is left out. Raises Withheld for one that leads elsewhere."""
    target = os.path.normpath(os.path.join(folder, name.partition("/")[2]))
    if not target.startswith(f"{folder}/"):
        raise Withheld(f"{name} leads out of the folder")
    return target
