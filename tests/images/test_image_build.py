"""What a build depends on, where it lies, and what is kept."""

import json
import os
import shutil
import subprocess

import build
import kernel
import pytest

from tests.images.programs import IMAGES

TREE = IMAGES / "machine/tree/opt/farmhand"


def prints(engines):
    return build.fingerprint(build.files(engines), "debian")


def test_the_same_inputs_are_the_same_build(tmp_path):
    assert prints(tmp_path) == prints(tmp_path / "not there")


def test_another_engine_or_another_right_is_another_build(tmp_path):
    nothing = prints(tmp_path)
    engine = tmp_path / "act_runner"
    engine.write_bytes(b"1")
    first = prints(tmp_path)
    engine.write_bytes(b"2")
    second = prints(tmp_path)
    engine.chmod(0o755)
    assert len({nothing, first, second, prints(tmp_path)}) == 4


def test_all_that_goes_into_an_image_counts_and_words_about_it_do_not(tmp_path):
    names = build.files(tmp_path).keys()
    assert {"agent", "practice_engine", "machine/image.toml", "machine/init", "machine/pack.py"} <= names
    assert "machine/tree/opt/farmhand/entrypoint" in names
    assert not [name for name in names if name.endswith((".pyc", "README.md", "Dockerfile"))]


@pytest.mark.parametrize(
    "environment, place",
    [
        ({"FARMHAND_MACHINES": "/srv/machines"}, "/srv/machines"),
        ({"XDG_CACHE_HOME": "/home/ann/cache"}, "/home/ann/cache/farmhand/machines"),
        ({"HOME": "/home/ann"}, "/home/ann/.cache/farmhand/machines"),
    ],
)
def test_images_lie_where_one_says_or_in_ones_own_cache(monkeypatch, environment, place):
    for name in ("FARMHAND_MACHINES", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert str(build.cache()) == place


def test_root_builds_for_all(monkeypatch):
    monkeypatch.delenv("FARMHAND_MACHINES", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert str(build.cache()) == "/var/cache/farmhand/machines"


def test_what_is_laid_out_can_be_read_by_all_and_says_what_it_is(tmp_path):
    engines, base, ours = tmp_path / "engines", tmp_path / "debian.tar", tmp_path / "ours"
    engines.mkdir()
    (engines / "act_runner").write_text("#!/bin/sh\necho act_runner version v0.2.13\n")
    (engines / "act_runner").chmod(0o700)
    base.touch()
    about = build.lay_out(ours, engines, base, "abc")
    place = ours / "opt/farmhand"
    assert json.loads((place / "image.json").read_text()) == about
    assert (about["hash"], about["engines"][0]["version"]) == ("abc", "0.2.13")
    assert (place / "engines/act_runner.version").read_text() == "0.2.13\n"
    for path, mode in (("etc", 0o755), ("etc/hosts", 0o644), ("opt/farmhand/engines/act_runner", 0o755)):
        assert (ours / path).stat().st_mode & 0o777 == mode, path
    assert {"agent", "entrypoint", "practice_engine", "farmhand_agent"} <= {
        path.name for path in place.iterdir()
    }


def a_build(home, name, age):
    folder = home / name
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    os.utime(folder, (1_000_000 - age, 1_000_000 - age))
    return folder


def test_the_newest_builds_stay_and_current_names_one(tmp_path):
    builds = [a_build(tmp_path, f"build{age}", age) for age in range(build.KEPT_BUILDS + 2)]
    build.point(tmp_path / "current", builds[1])
    build.point(tmp_path / "current", builds[0])
    build.tidy(tmp_path)
    assert [folder.exists() for folder in builds] == [True] * build.KEPT_BUILDS + [False] * 2
    assert (tmp_path / "current").resolve() == builds[0]


def test_a_module_loses_its_signature_and_one_without_stays_as_it_is():
    module = kernel.ELF + b"a module"
    facts = bytes([0, 0, 2, 0, 0, 0, 0, 0]) + (300).to_bytes(4, "big")  # struct module_signature
    assert kernel.unsigned(module + b"s" * 300 + facts + kernel.SIGNED) == module
    assert kernel.unsigned(module) == module


@pytest.mark.parametrize("command", ["gzip -c", "xz -c", "zstd -c", "lz4 -lc"])
def test_a_kernel_is_unpacked_whatever_it_was_packed_with(tmp_path, command):
    packer, option = command.split()
    if not shutil.which(packer):
        pytest.skip(f"{packer} is not here (make machines installs it)")
    inside = kernel.ELF + b"a kernel" * 100
    packed = subprocess.run([packer, option], input=inside, stdout=subprocess.PIPE, check=True).stdout
    image = tmp_path / "vmlinuz-6.12"
    image.write_bytes(a_bzimage(packed))
    assert kernel.unpacked(image) == inside


def a_bzimage(payload):
    """One sector of boot code and one of set-up, then the payload with its unpacked size behind it."""
    head = bytearray(2 * 512)
    head[0x1F1] = 1
    head[0x248:0x250] = (0).to_bytes(4, "little") + (len(payload) + 4).to_bytes(4, "little")
    return bytes(head) + payload + b"size"


def test_what_is_no_kernel_is_said_to_be_none(tmp_path):
    image = tmp_path / "vmlinuz-6.12"
    packed = subprocess.run(["gzip", "-c"], input=b"text", stdout=subprocess.PIPE, check=True).stdout
    image.write_bytes(a_bzimage(packed))
    with pytest.raises(ValueError, match="no kernel"):
        kernel.unpacked(image)


SCRIPTS = [
    *(IMAGES / "machine" / name for name in ("init", "prepare.sh", "publish.sh")),
    *(TREE / name for name in ("entrypoint", "get-ready")),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_can_be_read_by_a_shell_and_run(script):
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert os.access(script, os.X_OK)
