"""What an app says of itself, where it listens, and why it can't be deployed."""

from datetime import timedelta

import pytest

from runners.servers.catalogue import apps

SAID = {
    "title": "Pages",
    "about": "Shows pages.",
    "license": "MIT",
    "site": "",
    "source": "",
    "sizes": ["small"],
    "program": "pages",
    "arguments": ["--port", "{port_web}", "--data", "{data}"],
    "ports": {"web": 8000, "other": 8001},
}


def an_app(**fields):
    return apps.read("pages", SAID | fields, {})


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"program": ""}, "neither a program"),
        ({"sizes": []}, "no size"),
        ({"sizes": ["huge"]}, "huge"),
        ({"ports": {}}, "1 to 4 ports"),
        ({"arguments": ["{port_ssh}"]}, "port_ssh"),
        ({"first": [["{password}"]]}, "password"),
        ({"environment": {"A": "{nothing}"}}, "nothing"),
        ({"colour": "green"}, "colour"),
        ({"asks": [{"label": "no name"}]}, "name"),
    ],
)
def test_what_is_no_app_is_refused_with_the_reason(changes, why):
    with pytest.raises(apps.InvalidApp, match=why):
        an_app(**changes)


def test_texts_of_its_files_are_checked_too():
    with pytest.raises(apps.InvalidApp, match="secrt"):
        apps.read("pages", SAID, {"app.ini": "PASSWORD = {secrt}"})


def test_what_the_agent_fills_in_stays_in_the_text():
    assert apps.fill("{port_web} {data} {word}", {"port_web": "80", "word": "{data}"}) == "80 {data} {data}"


def test_on_a_vm_of_its_own_it_has_its_own_ports():
    assert apps.ports(an_app(), 7, shared=False) == {"web": 8000, "other": 8001}


def test_vms_that_share_a_computer_never_share_a_port():
    taken = [port for vm in range(2500) for port in apps.ports(an_app(), vm, shared=True).values()]
    assert len(set(taken)) == len(taken)
    assert min(taken) >= 10_000 and max(taken) < 20_000


@pytest.mark.parametrize(
    "addresses, shown",
    [
        ({"ip": "127.0.0.1"}, "http://127.0.0.1:8000"),
        ({"mycelium": "5a0:1::2", "ip": "10.0.0.1"}, "http://[5a0:1::2]:8000"),
        ({"ssh": "127.0.0.1:2222"}, ""),
        ({}, ""),
    ],
)
def test_its_address_is_that_of_its_vm(addresses, shown):
    assert apps.address(an_app(), addresses, 7, shared=False) == shown


def test_its_own_secrets_and_peoples_are_hidden_from_logs():
    asks = [{"name": "key", "label": "Key", "secret": True}, {"name": "reader", "label": "Reader"}]
    assert apps.secret_placeholders(an_app(secrets={"door": ""}, asks=asks)) == ["door", "key"]


def test_the_pause_doubles_up_to_an_hour():
    minutes = [apps.pause(failed) // timedelta(minutes=1) for failed in (0, 1, 2, 3, 7, 50)]
    assert minutes == [0, 1, 2, 4, 60, 60]


@pytest.mark.parametrize(
    "changes, ground, code",
    [
        ({}, {"has_program": True}, None),
        ({}, {"has_program": False}, "no_app_program"),
        ({}, {}, "no_app_image"),
        ({"images": {"threefold": "pages.flist"}}, {}, None),
        ({"images": {"threefold": "pages.flist"}}, {"reachable": False}, "vms_unreachable"),
        ({"images": {"threefold": "pages.flist"}}, {"deploys": False}, "grid_read_only"),
        ({"needs": "a cluster"}, {"has_program": True}, "app_needs"),
    ],
)
def test_why_it_can_not_be_deployed(changes, ground, code):
    found = apps.obstacle(an_app(**changes), apps.GridTraits("threefold", **ground))
    assert (found and found.code) == code
