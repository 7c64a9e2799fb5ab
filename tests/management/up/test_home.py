import socket

import pytest

from tfci.management.up import ports, sockets
from tfci.management.up.environment import environment
from tfci.management.up.home import AlreadyRuns, Home
from tfci.management.up.product import Product


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    home = Home(tmp_path / "home")
    with home.held():
        yield home


@pytest.fixture
def listener(monkeypatch):
    monkeypatch.setattr(ports, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_home_is_for_its_owner_only(home):
    home.secrets()
    assert home.folder.stat().st_mode & 0o777 == 0o700
    assert (home.folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_secrets_and_ports_are_made_once(home):
    assert home.secrets() == home.secrets()
    assert home.ports() == home.ports()
    assert set(home.ports()) == {"forge", "grid"}


def test_only_one_runs_in_a_home(home):
    with pytest.raises(AlreadyRuns, match="FARMHAND_PORT=8401"), home.held():
        pass


def test_two_homes_have_different_sockets(tmp_path, home):
    assert sockets.folder_for(home.folder) == home.sockets
    assert sockets.folder_for(tmp_path / "other") != home.sockets


def test_a_socket_folder_that_others_may_enter_is_refused(home):
    home.sockets.chmod(0o755)
    with pytest.raises(PermissionError, match="Remove it"):
        sockets.folder_for(home.folder)


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path, home):
    folder = home.sockets
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        sockets.folder_for(home.folder)


def test_a_taken_port_is_told_with_what_to_do(listener):
    with pytest.raises(ports.PortTaken, match=f"Port {listener} .* FARMHAND_PORT=8401"):
        ports.await_free("127.0.0.1", listener, {})


def test_a_taken_inner_port_is_told_by_who_needs_it(listener):
    free = next(ports.free())
    with pytest.raises(ports.PortTaken, match="The forge of this folder needs it"):
        ports.await_free("127.0.0.1", free, {"forge": listener})


@pytest.mark.parametrize(
    "listen, for_vms, for_people",
    [
        (None, "http://127.0.0.1:8400", "http://localhost:8400"),
        ("0.0.0.0", "http://127.0.0.1:8400", "http://localhost:8400"),
        ("192.168.1.5", "http://192.168.1.5:8400", "http://192.168.1.5:8400"),
        ("fd00::5", "http://[fd00::5]:8400", "http://[fd00::5]:8400"),
    ],
)
def test_people_and_vms_are_given_an_address_at_which_it_listens(home, listen, for_vms, for_people):
    told = environment(home, {"FARMHAND_LISTEN": listen} if listen else {}, "simulated")
    assert told["FARMHAND_AGENT_URL"] == for_vms
    assert told["FARMHAND_URL"] == for_people


def test_a_person_s_own_variables_reach_the_processes_but_not_those_of_the_home(home):
    own = {"FARMHAND_URL": "https://ci.example.org", "DATABASE_URL": "dbname=elsewhere"}
    told = environment(home, own, "simulated")
    assert told["FARMHAND_URL"] == "https://ci.example.org"
    assert "elsewhere" not in told["DATABASE_URL"]


@pytest.mark.parametrize(
    ("said", "runs"),
    [({}, False), ({"FARMHAND_SCALE_SETS": "0"}, False), ({"FARMHAND_SCALE_SETS": "1"}, True)],
)
def test_who_listens_to_scale_sets_runs_where_they_are_turned_on(home, said, runs):
    names = {child.name for child in Product(home, said).processes()}
    assert ("worker-hear" in names) == runs and "worker-act" in names
