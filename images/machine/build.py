"""Builds the image of a machine from Debian's packages, as an ordinary user and without Docker: `make image`.

What was built lies in a cache, under the hash of all that went into it, and is not built again while that is the
same. Prints the folder: vmlinux, initrd.img, root.erofs, manifest.json. docs/images.md says it at length.
"""

import argparse
import contextlib
import datetime
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import tempfile

import builder
import contents
import debian
import raw
import source_kernel

HERE = pathlib.Path(__file__).parent
IMAGES = HERE.parent
NOT_ON_IT = {"README.md", "Dockerfile", "publish.sh", "prepare.sh", "__pycache__", *raw.FILES}
KEPT_BUILDS, KEPT_BASES = 4, 2
BUILT_IN = "built-in"


def main():
    options = arguments()
    home = cache()
    target = home / fingerprint(files(options.engines), options.kernel)
    if not options.where:
        home.mkdir(parents=True, exist_ok=True)
        with building(home):
            if options.fresh or not target.is_dir():
                build(home, target, options)
            if options.raw:
                raw.add(debian.system(home, fresh=False), target)
        point(home / "current", target)
    if target.is_dir():
        print(target)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    engines = cache().parent / "engines"
    parser.add_argument("--engines", type=pathlib.Path, default=engines, help="a folder of programs")
    parser.add_argument(
        "--kernel", choices=("debian", BUILT_IN), default="debian", help="whose modules load, or ours"
    )
    parser.add_argument("--raw", action="store_true", help="a full VM's disk besides")
    parser.add_argument("--fresh", action="store_true", help="anew, with today's packages")
    parser.add_argument("--where", action="store_true", help="build nothing: print the folder if it is there")
    options = parser.parse_args()
    if options.raw and options.kernel == BUILT_IN:
        parser.error("a full VM has Debian's kernel: --raw without --kernel")
    return options


def cache():
    """Where images are kept: FARMHAND_MACHINES, or beside the system's caches for root, the user's own for others."""
    if named := os.environ.get("FARMHAND_MACHINES"):
        return pathlib.Path(named)
    if os.geteuid() == 0:
        return pathlib.Path("/var/cache/farmhand/machines")
    own = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(own) / "farmhand/machines"


def files(engines):
    """Name -> path of all that goes into an image besides Debian."""
    ours = {str(path.relative_to(IMAGES)): path for path in IMAGES.rglob("*")}
    options = {f"engines/{path.relative_to(engines)}": path for path in engines.rglob("*")}
    found = {**ours, **options}.items()
    return {name: path for name, path in found if path.is_file() and NOT_ON_IT.isdisjoint(name.split("/"))}


def fingerprint(found, kernel):
    whole = hashlib.sha256(kernel.encode())
    for name, path in sorted(found.items()):
        whole.update(f"{name} {os.access(path, os.X_OK)} ".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


@contextlib.contextmanager
def building(home):
    """One build at a time in a cache; another waits."""
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(home, target, options):
    with tempfile.TemporaryDirectory(dir=home, prefix="build-") as name:
        work = pathlib.Path(name)
        builder.give(work)
        base = debian.system(home, options.fresh)
        about = lay_out(work / "ours", options.engines, base, target.name)
        shutil.copytree(HERE, work / "program")
        kernel = ["--kernel", source_kernel.built(home, options.fresh)] if options.kernel == BUILT_IN else []
        pack = ("python3", work / "program/pack.py", *kernel, base, work / "ours", work / "out")
        builder.run_as_root_of_nothing(*pack)
        write_manifest(work / "out", about, options.kernel)
        shutil.rmtree(target, ignore_errors=True)
        (work / "out").rename(target)
    tidy(home)


def lay_out(ours, engines, base, name):
    """Our part of the image, in one folder. Returns what the image says of itself."""
    shutil.copytree(HERE / "tree", ours)
    place = ours / "opt/farmhand"
    for path in IMAGES.iterdir():
        if path != HERE and path.name not in NOT_ON_IT:
            copy(path, place / path.name)
    (place / "engines").mkdir()
    found = [add(path, facts, place / "engines") for path, facts in contents.engines(engines)]
    fetched_at = datetime.datetime.fromtimestamp(base.stat().st_mtime, datetime.UTC)
    about = {"hash": name, **contents.image("debian", found, fetched_at)}
    (place / "image.json").write_text(json.dumps(about))
    open_up(ours)
    return about


def open_up(folder):
    """For all to read, whatever the rights of this clone's files are: whether a file runs is all that is kept."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def add(path, facts, folder):
    """An engine's program, and beside it its version, so that no machine has to run it to know."""
    copy(path, folder / path.name)
    (folder / f"{path.name}.version").write_text(f"{facts['version']}\n")
    return facts


def copy(path, place):
    if path.is_dir():
        shutil.copytree(path, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(path, place)


def write_manifest(out, about, kernel):
    packed = json.loads((out / "packed.json").read_text())
    defined = contents.definition()
    made_of = defined["source_kernel"]["package"] if kernel == BUILT_IN else defined["debian"]["kernel"]
    why = contents.packages("debian")
    manifest = {
        **about,
        "kernel": {"version": packed["kernel"], "package": made_of, "kind": kernel},
        "sizes": {**packed["sizes"], "unpacked": packed["unpacked"]},
        "packages": [{**package, "why": why.get(package["name"])} for package in packed["packages"]],
    }
    (out / "packed.json").unlink()
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def point(link, target):
    """`current` always names a whole image."""
    if link.is_symlink() and link.resolve() == target:
        return
    new = link.with_name(f"current.{os.getpid()}")
    new.symlink_to(target.name)
    new.replace(link)


def tidy(home):
    """The newest few stay: each has half a gigabyte and more."""
    builds = [path for path in home.iterdir() if (path / "manifest.json").exists() and not path.is_symlink()]
    for old in by_age(builds)[KEPT_BUILDS:]:
        shutil.rmtree(old)
    for made in ("debian-*.tar.zst", "kernel-*.tar"):
        for old in by_age(home.glob(made))[KEPT_BASES:]:
            old.unlink()


def by_age(paths):
    return sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)


if __name__ == "__main__":
    main()
