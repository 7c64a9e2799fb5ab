"""KVM only where a guest was seen to get through its boot, and asked once for each start of the host."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from practice.grid.vms import accel


@pytest.fixture
def image(tmp_path):
    return SimpleNamespace(hash="built-from-this", kernel=tmp_path / "kernel", initrd=tmp_path / "initrd")


@pytest.fixture
def boots(monkeypatch):
    """What happens to the guest that is booted to find out; `tried` counts."""
    outcome = SimpleNamespace(tried=0, code=0, said=b"farmhand: no source\r\n", hangs=False)

    def run(command, **how):
        outcome.tried += 1
        if outcome.hangs:
            raise subprocess.TimeoutExpired(command, how["timeout"])
        return SimpleNamespace(returncode=outcome.code, stdout=outcome.said)

    monkeypatch.setattr(accel, "_kvm_available", lambda: True)
    monkeypatch.setattr(subprocess, "run", run)
    return outcome


def test_a_guest_that_got_through_proves_it_and_is_asked_once(image, boots, tmp_path):
    assert [accel.emulated(image, tmp_path / "accel.json") for _ in range(3)] == [False] * 3
    assert boots.tried == 1


@pytest.mark.parametrize("trouble", [{"hangs": True}, {"code": 1}, {"said": b""}])
def test_one_that_crawls_fails_or_is_mute_proves_nothing(image, boots, tmp_path, trouble):
    vars(boots).update(trouble)
    assert accel.emulated(image, tmp_path / "accel.json")


def test_another_image_or_another_start_of_the_host_is_asked_anew(image, boots, tmp_path):
    known = tmp_path / "accel.json"
    accel.emulated(image, known)
    image.hash = "another"
    accel.emulated(image, known)
    kept = json.loads(known.read_text())
    kept["about"]["boot"] = "the one before"
    known.write_text(json.dumps(kept))
    accel.emulated(image, known)
    assert boots.tried == 3


def test_a_processor_without_the_means_is_not_even_tried(image, boots, tmp_path, monkeypatch):
    monkeypatch.setattr(accel, "_kvm_available", lambda: False)
    assert accel.emulated(image, tmp_path / "accel.json")
    assert boots.tried == 0
