"""A kernel of our own configuration: what is asked for, how it is built, and that it takes the place of Debian's."""

import re
import subprocess
from collections import Counter

import build
import debian
import pack
import source_kernel

ASKED = (source_kernel.HERE / "source_kernel.config").read_text().splitlines()


def test_each_line_asks_for_one_thing_and_none_is_asked_for_twice():
    lines = [line for line in ASKED if line and not re.fullmatch(r"# [A-Z](?!ONFIG_).*", line)]
    asked = [
        re.fullmatch(r"(?:# )?CONFIG_(\w+)(?:=y|=0| is not set)", line) for line in lines if "CONFIG_" in line
    ]
    assert all(asked) and max(Counter(found[1] for found in asked).values()) == 1


def test_all_that_an_initrd_loads_else_is_built_in():
    built_in = {line.removeprefix("CONFIG_").removesuffix("=y") for line in ASKED}
    names = {"aesni_intel": "CRYPTO_AES_NI_INTEL", "xts": "CRYPTO_XTS", "virtio_rng": "HW_RANDOM_VIRTIO"}
    names |= {"qemu_fw_cfg": "FW_CFG_SYSFS", "erofs": "EROFS_FS", "overlay": "OVERLAY_FS", "ext4": "EXT4_FS"}
    assert {names.get(module, module.upper()) for module in pack.MODULES} <= built_in


def test_it_is_built_once_for_a_configuration_in_a_system_that_is_gone_afterwards(tmp_path, monkeypatch):
    ran = []

    def run(*words):
        ran.append(words)
        [out] = [word.split()[-1] for word in words if str(word).startswith("--customize-hook=tar-out")]
        (tmp_path / out).write_text("a kernel")

    monkeypatch.setattr(debian.builder, "run", run)
    monkeypatch.setattr(debian.builder, "give", lambda folder: None)
    first, again = (source_kernel.built(tmp_path, fresh=False) for _ in range(2))
    assert first == again and first.read_text() == "a kernel" and len(ran) == 1
    assert "--format=null" in ran[0] and [path for path in tmp_path.iterdir()] == [first]


def test_it_takes_the_place_of_debians(tmp_path):
    root, other = tmp_path / "root", tmp_path / "kernel"
    for tree, release in ((root, "6.12-cloud"), (other, "6.12-farmhand")):
        (tree / "boot").mkdir(parents=True)
        (tree / f"boot/vmlinuz-{release}").touch()
        (tree / f"usr/lib/modules/{release}").mkdir(parents=True)
    tar = tmp_path / "kernel.tar"
    subprocess.run(["tar", "--create", "--file", tar, "--directory", tmp_path, "kernel"], check=True)
    pack.take_kernel(tar, root)
    assert [path.name for path in (root / "boot").iterdir()] == ["vmlinuz-6.12-farmhand"]
    assert [path.name for path in (root / "usr/lib/modules").iterdir()] == ["6.12-farmhand"]


def test_an_image_with_it_is_another_build():
    found = build.files(source_kernel.HERE / "no engines")
    assert build.fingerprint(found, "debian") != build.fingerprint(found, build.BUILT_IN)
