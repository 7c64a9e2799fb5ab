"""Whatever is asked of any address, by anybody, is answered: never a 500. tests/rights.py has the addresses."""

import json
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.house import WORD, a_house
from tests.people import client_of
from tests.rights import API, PEOPLE
from tests.rights_rows import rows
from tests.rights_sent import SENT
from tests.worlds import a_world
from tfci.accounts import tokens
from tfci.core.requests import NULL, WebRequest

pytestmark = pytest.mark.django_db

HOOKS = [
    "/hooks/",
    "/hooks/HOOK",
    "/hooks/nothing",
    "/nothing/",
]
ADDRESSES = sorted({row.address for table in (PEOPLE, API) for row in rows(table)} | set(HOOKS))
PERSONS = ["owner", "viewer", "operator", "stranger", "nobody", "token"]
METHODS = ["GET", "GET", "POST", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"]
TEXTS = [
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "²",
        "٣",
        "½",
        "-1",
        "0",
        "007",
        "1e9",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "None",
    ),
    *(str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "9" * 5000, "x" * 300, "é" * 200, "\ud800", "\udcff"),
    *(
        "\u202e",
        "\ufeff",
        "\U0001f600",
        "a\r\nSet-Cookie: x=1",
        "../../etc/passwd",
        "//evil.example",
        "http://[",
        "\\",
    ),
    *(
        "%",
        "%s",
        "{{ x }}",
        "'",
        '"',
        "<b>",
        "0001-01-01",
        "9999-12-31T23:59:59-14:00",
        "2026-02-30",
        "small",
        "queued",
    ),
    *(
        "[]",
        "{}",
        "null",
        "1,2,3",
        "ada@example.org",
        "http://127.0.0.1:1",
        "https://1.2.3.4.5:99999",
        "a/b",
        "tfgrid",
    ),
]
NAMES = """
q state older newer from since until team who own show page sort order pool repository next size
code forge node span labels email password login name url token level key amount why words twin_id
typed person role scope days time_zone connections sizes nodes max_vms min_vms position anchors
repositories csrfmiddlewaretoken limit cursor group connection job vm kind by day country farm cpu memory
free min_price max_price certified installation_id setup_action
"""
TYPES = [
    *(
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
        "",
        "x",
        "\xff/;",
    ),
    *(
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary=" + "b" * 300,
        "application/json; charset=utf-16",
    ),
    *(
        f"application/x-www-form-urlencoded; charset={name}"
        for name in ("base64", "undefined", "utf-16", "idna", "é")
    ),
]
DEEP = b"[" * 60_000 + b"]" * 60_000
NUMBERS = [0, -1, 2**31, 2**40, 2**63, 10**30, 0.5, 1e308, True, None]
COOKIES = [
    r'farmhand_session="\000\000\000\000\000\000\000\000\000"',
    "farmhand_session=" + "x" * 5000,
    "a=b; a=c; =; ;",
]
HEADERS = [
    *(
        {"HX-Request": "true", "HX-Current-URL": "http://["},
        {"HX-Request": "true", "HX-Target": "\xff"},
        {"Accept": "\xff"},
    ),
    *(
        {"Range": "bytes=5-1"},
        {"If-Modified-Since": "0"},
        {"Content-Length": "a"},
        {"Content-Length": "-1"},
        {},
        {},
        {},
    ),
    *(
        {"Content-Length": "99999999"},
        {"X-Forwarded-For": "no address"},
        {"Host": "["},
        {"Authorization": "Bearer ².x"},
    ),
    *(
        {"Authorization": "Bearer " + "9" * 5000 + ".x"},
        {"Authorization": "Basic \xff"},
        {"Referer": "http://["},
    ),
    *(
        {"Origin": "http://["},
        {"X-Gitea-Event": "workflow_job"},
        {"X-GitHub-Event": "\xff"},
        {"Accept-Language": "," * 99},
    ),
]


class Visitor:
    """Somebody who knows all addresses, and means no good."""

    def __init__(self, house, chance):
        self.house, self.chance = house, chance

    def ask(self):
        """One request: what it was, and its answer."""
        chance = self.chance
        person, method = chance.choice(PERSONS), chance.choice(METHODS)
        address = chance.choice(HOOKS if chance.random() < 0.1 else ADDRESSES)
        client, headers = self._person(person)
        headers |= chance.choice(HEADERS)
        if chance.random() < 0.1:
            headers["Cookie"] = chance.choice(COOKIES)
        content_type = chance.choice([*TYPES[:3]] * 4 + TYPES)
        path = self._path(address)
        body = self._body(content_type, SENT.get(f"{method} {address}", {}))
        asked = (person, method, path, content_type, headers, body[:200])
        return asked, client.generic(method, path, body, content_type, headers=headers)

    def _person(self, person):
        if person == "token":
            secret = tokens.make(self.house.team, "odd", "write", None, timezone.now())[1]
            return Client(raise_request_exception=False), {"Authorization": f"Bearer {secret.reveal()}"}
        client = client_of(person, self.house.team)
        client.raise_request_exception = False
        return client, {}

    def _path(self, address):
        odd = WORD.sub(lambda word: self._text() if self.chance.random() < 0.3 else word[0], address)
        path = self.house.fill(odd)
        return path + (f"?{self._form({})}" if self.chance.random() < 0.6 else "")

    def _text(self):
        text = self.chance.choice(TEXTS)
        return self.chance.choice(
            ["%00", "%ff", "%ed%a0%80", "%", quote(text.encode("utf-8", "surrogatepass"))]
        )

    def _form(self, valid):
        """Some of it as it should be, some odd, names more than once."""
        chance = self.chance
        said = [(name, value) for name, value in valid.items() if chance.random() < 0.8]
        names = [chance.choice([*NAMES.split(), *valid, "\x00"]) for _ in range(chance.randrange(4))]
        said += [(name, chance.choice(TEXTS)) for name in names]
        return urlencode([(name, str(value).encode("utf-8", "surrogatepass")) for name, value in said])

    def _body(self, content_type, valid):
        chance = self.chance
        if chance.random() < 0.1:
            return chance.choice(
                [b"", DEEP, b"\xff\xfe", b"x" * 1_100_000, b"{", b'{"a":' + DEEP + b"}", b"--b\r\n\r\n"]
            )
        if "json" not in content_type:
            return self._form(self.house.form(valid)).encode()
        said = dict(valid)
        for name in [chance.choice([*NAMES.split(), *valid]) for _ in range(chance.randrange(4))]:
            value = chance.choice([chance.choice(TEXTS), chance.choice(NUMBERS)])
            said[name] = chance.choice([value, [value], {"a": value}])
        return json.dumps(said).encode("utf-8", "surrogatepass")


def failures(house, seeds):
    """What was asked where the answer is a 500, and by which error."""
    found, answers = [], Counter()
    for seed in seeds:
        cache.clear()  # nobody is asked to wait
        with transaction.atomic():
            asked, answer = Visitor(house, random.Random(seed)).ask()
            transaction.set_rollback(True)
        answers[answer.status_code] += 1
        if answer.status_code >= 500:
            found.append((seed, *asked, getattr(answer, "exc_info", "")))
    assert answers[200] and answers[302] and answers[404]  # they get in, somewhere
    return found


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    monkeypatch.setattr("django.test.client.WSGIRequest", WebRequest)
    return a_house(timezone.now() - timedelta(seconds=1))


def test_no_request_fails_however_odd(house):
    assert not failures(house, range(200))


@pytest.mark.parametrize(
    "path", ["/operator/teams/?q=%00", "/hooks/%00", "/docs/%00/", "/t/%00/", "/labels/?labels=%00"]
)
def test_a_null_character_in_an_address_is_refused_with_a_sentence(path, house):
    answer = client_of("operator", house.team).get(path)
    assert (answer.status_code, answer.content) == (400, f"{NULL}\n".encode())


@pytest.mark.parametrize("path", ["/", "/hooks/nothing", "/api/v1/pools", "/operator/"])
@pytest.mark.parametrize(
    "cookie", [r'farmhand_session="\000\000\000\000\000\000\000\000"', r'farmhand_csrf="\000"']
)
def test_a_null_character_in_a_cookie_is_refused_with_a_sentence(path, cookie, house):
    assert Client().get(path, headers={"Cookie": cookie}).status_code == 400


@pytest.mark.parametrize(
    "named", ["charset=undefined", "charset=base64", "charset=utf-16", "a*=undefined''x"]
)
@pytest.mark.parametrize("path", ["/?labels=small", "/hooks/nothing", "/accounts/login/"])
def test_an_encoding_that_decodes_nothing_is_left_alone(path, named, house):
    client = Client()
    for method in ("GET", "POST"):
        answer = client.generic(method, path, "a=1", f"application/x-www-form-urlencoded; {named}")
        assert answer.status_code < 500


@pytest.mark.parametrize("length", ["a", "-1", "²", "9" * 5000])
def test_a_length_that_is_none_is_no_failure(length, house):
    client = client_of("owner", house.team)
    for path in ("/hooks/nothing", "/profile/ssh-keys/", "/api/v1/pools"):
        assert (
            client.post(path, "{}", "application/json", headers={"Content-Length": length}).status_code < 500
        )


@pytest.mark.parametrize("application", ["tfci.wsgi", "tfci.asgi"])
def test_both_front_doors_read_requests_as_the_tests_do(application):
    program = f"import {application} as door; one = getattr(door, 'agents', door.application); print(one.request_class)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "tfci.core.requests." in answer.stdout, answer.stderr


@pytest.mark.proof
def test_no_request_of_thousands_fails(house):
    assert not failures(house, range(200, 10_000))
