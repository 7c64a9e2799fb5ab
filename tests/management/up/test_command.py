"""A command of manage.py for the installation of `make run`."""

import subprocess
from types import SimpleNamespace

import pytest

from tfci.management.up import command
from tfci.management.up.home import Home, write_private


def test_it_says_where_nothing_runs_and_makes_nothing_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FARMHAND_HOME", str(tmp_path / "home"))
    assert command.main(["verify"]) == 1
    assert f"Farmhand does not run in {tmp_path / 'home'}. Start it with: make run" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("kind", ["simulated", "local"])
@pytest.mark.parametrize("chosen", [None, "simulated", "local"])
def test_it_has_the_grid_of_the_running_installation_whatever_would_be_chosen_now(
    tmp_path, monkeypatch, kind, chosen
):
    home, ran = Home(tmp_path / "home"), []
    with home.held():
        write_private(home.ready_file, {"grid": kind})
    monkeypatch.setenv("FARMHAND_HOME", str(home.folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("FARMHAND_GRID", raising=False)
    if chosen:
        monkeypatch.setenv("FARMHAND_GRID", chosen)

    def run(words, env, **_):
        ran.append((words[1:], env["FARMHAND_GRID"]))
        return SimpleNamespace(returncode=3)

    monkeypatch.setattr(subprocess, "run", run)
    assert command.main(["verify"]) == 3
    assert ran == [(["manage.py", "verify"], kind)]
