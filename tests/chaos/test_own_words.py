"""Processes die while the words of an own twin are entered and jobs run on it: they are in one sealed column alone."""

import base64
import hmac
import json
import random
import re
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import bip39
import httpx
import pytest
import redis

from tests.chaos.product import Product
from tfci.core.tft import UNIT
from tfci.management.up import postgres
from tfci.management.up.waiting import until

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of the second factor
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
WORKFLOW = """on: push
jobs:
  hello:
    runs-on: small
    steps:
      - run: sleep 5
"""


class Person:
    """The demo team's owner at a browser that keeps every answer."""

    def __init__(self, product: Product) -> None:
        self.product, self.seen = product, []
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{product.port}", timeout=30, follow_redirects=True
        )

    def look(self, path: str) -> str:
        answer = self.client.get(path)
        self.seen.append(answer.text)
        return answer.text

    def send(self, path: str, **form: str) -> int:
        """The form of that page, whether it is answered or not."""
        token = TOKEN.search(self.look(path))
        assert token, self.seen[-1]
        headers = {"Origin": str(self.client.base_url).rstrip("/")}
        answer = self.client.post(path, data=form | {"csrfmiddlewaretoken": token[1]}, headers=headers)
        self.seen.append(answer.text)
        return answer.status_code

    def sign_in(self, email: str, password: str) -> None:
        self.send("/accounts/login/", login=email, password=password)
        self.send("/accounts/2fa/authenticate/", code=code_at(time.time()))


def code_at(now: float) -> str:
    """A time-based one-time password (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(SECRET), struct.pack(">Q", int(now) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture
def product(tmp_path):
    product = Product(tmp_path)
    try:
        product.start()
        yield product
    finally:
        product.end()


@pytest.fixture
def person(product):
    person = Person(product)
    yield person
    person.client.close()


def pattern_of(words: str) -> re.Pattern[str]:
    """Any three of them in a row, whatever stands between: a part of the words is a part of the secret."""
    each = words.split()
    triples = (each[at : at + 3] for at in range(len(each) - 2))
    return re.compile("|".join(r"[\W_]{1,9}?(?:20)?".join(triple) for triple in triples))


def processes() -> str:
    """The arguments and environments of all processes but this one's own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found += [
                (folder / name).read_bytes().decode(errors="replace") for name in ("cmdline", "environ")
            ]
    return "\n".join(found)


def in_valkey(product: Product) -> str:
    """All keys with all that they hold, results of tasks and messages among it."""
    found = []
    with redis.Redis(unix_socket_path=str(product.home.sockets / "valkey")) as client:
        for key in client.scan_iter(count=1000):
            found += [key, client.dump(key) or b""]
    return b"\n".join(found).decode(errors="replace")


def dump(product: Product) -> str:
    program = [postgres.binary("pg_dump"), "-h", str(product.home.sockets), "-U", "farmhand", "farmhand"]
    return subprocess.run(program, check=True, capture_output=True, text=True).stdout


@pytest.mark.proof
def test_the_words_of_an_own_twin_are_nowhere_but_in_their_sealed_column(product, person):
    words = bip39.bip39_generate(12)
    secret = pattern_of(words)
    assert secret.search(f"a {words} b") and secret.search(words.replace(" ", "%20"))
    product.at_grid("POST", "/accounts", {"mnemonic": words, "amount": 5000 * UNIT})
    demo = json.loads((product.home.folder / "demo.json").read_text())
    [(team,)] = product.sql("SELECT slug FROM accounts_team")
    product.sql(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at)"
        " SELECT id, 'totp', %s::jsonb, now() FROM accounts_user WHERE email = %s",
        f'{{"secret": "{SECRET}"}}',
        demo["email"],
    )
    person.sign_in(demo["email"], demo["password"])
    page, dice = f"/t/{team}/spend/own-twin/words/", random.Random(13)

    assert person.send(page, words=words.rsplit(" ", 1)[0], alone="on") == 422
    assert person.send(page, words=words) == 422
    fault = product.at_grid("POST", "/faults", {"kind": "chain_silent"})
    assert person.send(page, words=words, alone="on") == 422
    product.at_grid("DELETE", f"/faults/{fault['fault_id']}")
    product.kill("postgres", dice)
    with suppress(httpx.HTTPError, AssertionError):
        person.send(page, words=words, alone="on")
    until(lambda: own_twins(product) or enter(person, page, words), 120, "words that are stored")

    looks = []
    product.push("own", WORKFLOW)
    until(lambda: ran_on_own_twin(product), 240, "a VM on the own twin", lambda: looks.append(processes()))
    for victim in ("postgres", "grid"):
        product.kill(victim, dice)
        until(lambda: alive(product), 120, "the product to answer again", lambda: looks.append(processes()))
    product.push("again", WORKFLOW)
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            person.look(f"/t/{team}/spend/own-twin/")
        looks.append(processes())
        time.sleep(1)

    logs = {str(path): path.read_text(errors="replace") for path in product.home.logs.iterdir()}
    places = {**logs, "said": product.said.read_text(), "valkey": in_valkey(product), "dump": dump(product)}
    places |= {"answers": "\n".join(person.seen), "processes": "\n".join(looks)}
    assert {name: found[0] for name, text in places.items() if (found := secret.search(text))} == {}
    assert "own_twin_entered" in places["dump"]  # that is what was searched


def enter(person: Person, page: str, words: str) -> bool:
    with suppress(httpx.HTTPError, AssertionError):
        person.send(page, words=words, alone="on")
    return False


def own_twins(product: Product) -> bool:
    with suppress(Exception):
        return bool(product.sql("SELECT 1 FROM billing_wallet WHERE own_twin_id IS NOT NULL"))
    return False


def ran_on_own_twin(product: Product) -> bool:
    with suppress(Exception):
        query = "SELECT 1 FROM runners_vm WHERE own_twin_id IS NOT NULL AND claimed_at IS NOT NULL"
        return bool(product.sql(query))
    return False


def alive(product: Product) -> bool:
    with suppress(Exception):
        return bool(product.api("GET", "/wallet"))
    return False
