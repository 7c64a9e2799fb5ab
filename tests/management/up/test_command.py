"""A command of manage.py for the installation of `make run`."""

from tfci.management.up import command


def test_it_says_where_nothing_runs_and_makes_nothing_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FARMHAND_HOME", str(tmp_path / "home"))
    assert command.main(["verify"]) == 1
    assert f"Farmhand does not run in {tmp_path / 'home'}. Start it with: make run" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
