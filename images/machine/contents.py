"""What is on an image, read from image.toml: for both builders and for the manifest.

For the Dockerfile: `contents.py packages ubuntu` prints their names there. `contents.py download FOLDER` fetches the
engines whose release is pinned, and stops at one that is not what its checksum says. `contents.py image ubuntu FOLDER`
prints the description that a machine reports of its image.
"""

import datetime
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tomllib
import urllib.request

HERE = pathlib.Path(__file__).parent
BUILT_FROM = re.compile(rb"vcs\.time=(\d{4}-\d\d-\d\d)T")  # what Go writes into a program: its source's date


def definition():
    return tomllib.loads((HERE / "image.toml").read_text())


def packages(distribution):
    """Name -> reason, under the names that packages have there."""
    defined = definition()
    names = defined[distribution].get("names", {})
    found = {names.get(name, name): why for name, why in defined["packages"].items()}
    return {name: why for name, why in found.items() if name}


def image(distribution, engines, built_at):
    """An image's description of itself, for claims and for its manifest: its age counts from `built_at`."""
    base = {"distribution": distribution, "release": definition()[distribution]["release"]}
    return {
        "format": 1,
        "built_at": built_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "base": base,
        "engines": engines,
    }


def engines(folder):
    """Each engine in `folder`, with its entry for the manifest: (path, facts)."""
    for engine, known in definition()["engines"].items():
        for path in (folder / name for name in known["programs"]):
            if path.exists():
                yield path, {"engine": engine, "program": path.name, **about(path, known)}


def about(path, known):
    program = path / "bin/Runner.Listener" if path.is_dir() else path
    version = program_version(program)
    release = known.get("release", {})
    released = release["released"] if version == release.get("version") else source_date(program)
    return {
        "version": version,
        "released": released,
        "licence": known["licence"],
        "source": known["source"],
        "sha256": hashlib.sha256(program.read_bytes()).hexdigest(),
    }


def program_version(program):
    """The version that the program prints, without a leading v; `unknown` if it prints none."""
    try:
        result = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
        return result.stdout.split()[-1].removeprefix("v")
    except (OSError, subprocess.SubprocessError, IndexError):
        return "unknown"


def source_date(program):
    """The day of the source that a Go program was built from; None where it does not say."""
    found = BUILT_FROM.search(program.read_bytes())
    return found[1].decode() if found else None


def download(folder):
    for known in definition()["engines"].values():
        if release := known.get("release"):
            install(fetched(release), folder / known["programs"][0])


def fetched(release):
    with urllib.request.urlopen(release["address"], timeout=300) as answer:  # noqa: S310 (image.toml says https)
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != release["sha256"]:
        raise SystemExit(f"{release['address']} is not what image.toml pins: its checksum differs.")
    return data


def install(data, place):
    """A tar file becomes a folder, anything else a program."""
    if tarfile.is_tarfile(io.BytesIO(data)):
        place.mkdir()
        subprocess.run(["tar", "--extract", "--gzip", "--directory", place], input=data, check=True)
    else:
        place.write_bytes(data)
        place.chmod(0o755)


def main(verb, *arguments):
    if verb == "packages":
        print(*packages(*arguments))
    elif verb == "download":
        download(pathlib.Path(*arguments))
    elif verb == "image":
        found = [facts for _, facts in engines(pathlib.Path(arguments[1]))]
        print(json.dumps(image(arguments[0], found, datetime.datetime.now(datetime.UTC))))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
