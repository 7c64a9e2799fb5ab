"""Which grid `make run` has, and what it is told."""

import shutil

import pytest

from practice.grid.vms import image
from tfci.management.up import grid
from tfci.management.up.home import Home


@pytest.fixture
def prepared(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(image, "folder", lambda environment: tmp_path / "images")


@pytest.fixture
def bare(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_by_itself_it_takes_virtual_vms_once_they_are_prepared(prepared):
    assert grid.chosen({}) == grid.chosen({"FARMHAND_GRID": "auto"}) == "local"
    assert grid.chosen({"FARMHAND_GRID": "simulated"}) == "simulated"


def test_before_that_it_takes_programs_and_says_how_to_get_better_ones(bare):
    assert grid.chosen({}) == "simulated"
    assert "make machines" in grid.HOW


def test_who_asks_for_what_is_not_there_is_told_what_to_do(bare):
    with pytest.raises(
        grid.NotPrepared, match="qemu-system-x86_64 and socat is not installed.*make machines"
    ):
        grid.chosen({"FARMHAND_GRID": "local"})


def test_an_image_is_needed_too(prepared, monkeypatch):
    monkeypatch.setattr(image, "folder", lambda environment: None)
    assert grid.lacking({}) == "the VM image is not built"


@pytest.mark.parametrize(("listen", "own"), [("127.0.0.1", "127.0.0.1"), ("192.168.1.5", "192.168.1.5")])
def test_doors_lead_to_us_and_to_forges_that_may_be_on_the_loopback(prepared, tmp_path, listen, own):
    told = {
        "FARMHAND_GRID": "local",
        "FARMHAND_LISTEN": listen,
        "FARMHAND_PORT": "8400",
        "FARMHAND_PRACTICE_FORGE": "http://127.0.0.1:20001",
        "FARMHAND_ALLOWED_FORGE_ORIGINS": "http://localhost:3000, https://git.example.org,http://10.0.0.5:3000",
    }
    words = grid.options(Home(tmp_path), told).split()
    doors = [words[place + 1] for place, word in enumerate(words) if word == "--door"]
    assert doors == [f"{own}:8400", "127.0.0.1:20001", "127.0.0.1:3000"]


def test_each_grid_has_a_folder_of_its_own(prepared, tmp_path):
    told = {"FARMHAND_LISTEN": "127.0.0.1", "FARMHAND_PORT": "8400", "FARMHAND_PRACTICE_FORGE": ""}
    options = [grid.options(Home(tmp_path), told | {"FARMHAND_GRID": kind}) for kind in grid.FOLDERS]
    assert f"--home {tmp_path}/grid" in options[0] and f"--home {tmp_path}/local" in options[1]


def test_a_vm_finds_us_by_the_name_that_we_have_at_its_door():
    assert grid.agent_url("local", "127.0.0.1", "8400") == "http://10.0.2.100:8400"
    assert grid.agent_url("simulated", "0.0.0.0", "8400") == "http://127.0.0.1:8400"
