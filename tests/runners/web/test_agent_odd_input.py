"""Whatever a VM's agent says is answered, and breaks no page: whoever is root in a VM speaks for its agent."""

import json
import random
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from runners.agents import schemas
from runners.models import VM, DebugAccess, Run, Runner
from tests.builders import a_debug_access
from tests.house import PUBLIC_KEY, a_house
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tests.worlds import a_world
from tfci.core.requests import WebRequest
from tfci.core.vault import derive, digest

pytestmark = pytest.mark.django_db(transaction=True)

AGENTS = ["django_structlog.middlewares.RequestMiddleware"], "tfci.urls_agents"
TOGETHER = 100  # bodies, after which all pages are looked at
PAGES = (
    "/t/TEAM/ /t/TEAM/today/ /t/TEAM/jobs/ /t/TEAM/jobs.csv /t/TEAM/jobs/JOB/ /t/TEAM/jobs/JOB/log/"
    " /t/TEAM/vms/ /t/TEAM/vms/BUSY/ /t/TEAM/servers/ /t/TEAM/servers/SERVER/ /t/TEAM/pools/POOL/"
    " /t/TEAM/connections/CONNECTION/"
)
OPERATORS = (
    "/operator/ /operator/vms/ /operator/connections/ /operator/versions/ /operator/orphans/"
    " /operator/teams/TEAM/"
)
API = "/vms /vms/BUSY /jobs /jobs/JOB /servers /servers/SERVER /nodes/NODE /events"

CLAIM = {
    "engines": {"practice": "1", "gitea": "0.2.13"},
    "image": {
        "format": 1,
        "built_at": "2026-11-20T10:00:00Z",
        "base": {"distribution": "debian", "release": "13"},
        "engines": [{"engine": "gitea", "version": "1.0", "released": "2026-11-20T10:00:00Z"}],
    },
    "killed": 0,
}
BEAT = {
    "phase": "job",
    "samples": [[1.2, 0.25, 0.01, 500, 3000, 40, 2], [0.2, 0.5, 0.01, 512, 3584, 0, 0]],
    "load": 0.7,
    "oom_kills": 1,
    "tail": "hello\n",
    "boot": "[ok] up\n",
    "answers": True,
    "debug": {"host_key": PUBLIC_KEY, "said": ""},
}
USED = {
    "cpu_mean": 0.4,
    "cpu_peak": 0.98,
    "memory_peak": 900,
    "disk_peak": 3600,
    "received": 5 << 30,
    "sent": 7,
}
DONE = {"cause": "exited", "said": "it ended", "exit_code": 0, "signal": None, "used": USED, "tail": "bye\n"}
ODD = [
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01",
        "2026-W01-1",
        "12026-01-01T00:00:00Z",
    ),
    *(
        0,
        -1,
        255,
        2**15,
        2**31 - 1,
        2**31,
        2**40,
        2**53,
        2**63 - 1,
        2**63,
        2**64,
        -(2**63) - 1,
        10**30,
        10**4000,
    ),
    *(0.5, -0.5, 1e-300, 1e38, 1e308, -1e308, float("nan"), float("inf"), float("-inf")),
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff tail",
        "\u202eevil",
        "\x1b[31mred",
        "é" * 150,
        "x" * 5000,
        "٣",
        "²",
    ),
    *(
        "\ufeff",
        "a\r\nb",
        "<script>alert(1)</script>",
        "{{ x }}",
        "%s %d",
        "'; drop table",
        "1e999",
        "\U0001f600" * 50,
    ),
    *(None, True, False, [], {}, [[]], [{}], {"": {}}, {"\x00": 1}, {"a" * 300: "b" * 300}, ["x"] * 300),
    *([[0.0] * 7] * 500, [[1e308] * 7], [[-1.0] * 7], [[None] * 7], {f"engine {n}": "1" for n in range(500)}),
    *("exited", "out_of_memory", "nothing that we know", PUBLIC_KEY, "ssh-rsa " + "A" * 3000),
]
DEEP = b"[" * 30_000 + b"]" * 30_000


class PoolVM:
    """One VM of the house, and an odd agent in it."""

    def __init__(self, vm, order):
        self.vm, self.order = vm, order
        VM.objects.filter(pk=vm.pk).update(agent_digest=digest("key"))
        self.access = a_debug_access(vm, closes_at=timezone.now() + timedelta(hours=1))

    def listen(self, verb):
        """It has neither claimed nor ended."""
        if verb == "claim":
            VM.objects.filter(pk=self.vm.pk).update(claimed_at=None)
        Runner.objects.filter(vm=self.vm).update(done_at=None, started_at=None)
        Run.objects.filter(vm=self.vm).update(ended_at=None)
        DebugAccess.objects.filter(vm=self.vm).update(closed_at=None)

    def body(self, verb):
        """One as the protocol has it."""
        order = {"order": self.order, "ago_s": 0.1}
        token = {"vm": self.vm.pk, "token": derive("boot", self.vm.pk).reveal(), "key": "key"}
        beat = BEAT | {"debug": BEAT["debug"] | {"id": self.access.pk}}
        bodies = {"claim": token | CLAIM, "started": order, "beat": beat, "done": order | DONE}
        return deepcopy(bodies[verb])


def odd(chance):
    """A value of its own: what is put into another must not be put into itself."""
    return deepcopy(chance.choice(ODD))


def mutated(body, chance):
    """The body with some of its values, keys or entries as nobody expects them."""
    for _ in range(chance.choice([0, 1, 1, 1, 2, 5])):
        place, key = chance.choice(list(places(body)))
        match chance.randrange(6):
            case 0:
                del place[key]
            case 1 if isinstance(place, dict):
                place[str(chance.choice(ODD))[:400]] = odd(chance)
            case 1:
                place.append(odd(chance))
            case _:
                place[key] = odd(chance)
        if not list(places(body)):
            break
    return body


def places(body):
    """Each value in it, as what holds it and under which key."""
    entries = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in list(entries):
        yield body, key
        yield from places(value)


def raw(body, chance):
    """As bytes, which are sometimes no JSON."""
    text = json.dumps(body, ensure_ascii=chance.random() < 0.8).encode("utf-8", "surrogatepass")
    place = chance.randrange(len(text))
    match chance.randrange(40):
        case 0:
            return text[:place]
        case 1:
            return text[:place] + bytes([chance.randrange(256)]) + text[place + 1 :]
        case 2:
            return text[:-1] + b', "more": ' + DEEP + b"}"
        case 3:
            return chance.choice([b"", DEEP, b"\xef\xbb\xbf{}", b"\xff\xfe", b"null", b"x" * 70_000])
    return text


@pytest.mark.parametrize("number, read", [(6e6, 1.0), (-1, 0.0), (0.25, 0.25)])
def test_shares_are_brought_within_0_and_1(number, read):
    beat = schemas.read(
        json.dumps(BEAT | {"samples": [[1, number, number, 9, 9, 9, 9]], "debug": None}).encode(),
        schemas.Heartbeat,
    )
    used = USED | {"cpu_mean": number, "cpu_peak": number}
    done = schemas.read(json.dumps(DONE | {"order": 1, "used": used}).encode(), schemas.Done)
    assert beat.samples == [(1, read, read, 9, 9, 9, 9)]
    assert (done.used["cpu_mean"], done.used["cpu_peak"]) == (read, read)


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    return a_house(timezone.now())


def speak(vms, chance, settings):
    """A few bodies of odd agents; the VMs want each claim and each end."""
    said = []
    settings.MIDDLEWARE, settings.ROOT_URLCONF = AGENTS
    client = Client()
    for _ in range(TOGETHER):
        vm, verb = chance.choice(vms), chance.choice(["claim", "started", "beat", "beat", "done"])
        body = raw(mutated(vm.body(verb), chance), chance)
        vm.listen(verb)
        headers = {"Authorization": f"Bearer {vm.vm.pk}.key"}
        answer = client.post(f"/agent/{verb}", body, content_type="application/json", headers=headers)
        said.append((verb, answer.status_code, body))
        assert answer.status_code in (200, 400, 403, 413), said[-1]
    return said


def broken(house):
    """The pages that break by what was said."""
    found = []
    for person, addresses in (("owner", PAGES), ("operator", OPERATORS)):
        client = client_of(person, house.team)
        client.raise_request_exception = False
        for url in addresses.split():
            answer = client.get(house.fill(url.replace("BUSY", str(house.job.vm_id))))
            found += [(url, answer.exc_info)] if answer.status_code >= 500 else []
    script = Script(house.team)
    return found + [
        path
        for path in API.split()
        if script.get(house.fill(path.replace("BUSY", str(house.job.vm_id)))).status >= 500
    ]


def converse(house, settings, count):
    pages = settings.MIDDLEWARE, settings.ROOT_URLCONF
    job = PoolVM(house.job.vm, house.job.vm.runners.get().pk)
    serving = house.server.vms.get()
    vms = [job, PoolVM(serving, serving.runs.get().pk)]
    accepted = 0
    for seed in range(count // TOGETHER):
        said = speak(vms, random.Random(seed), settings)
        settings.MIDDLEWARE, settings.ROOT_URLCONF = pages
        assert not broken(house), (seed, said)
        accepted += sum(status == 200 for _, status, _ in said)
    assert count / 10 < accepted < count  # some of it is heard, some is refused


def test_odd_agents_break_nothing(house, settings):
    converse(house, settings, 300)


@pytest.mark.parametrize("length", ["a", "-1", "²", "9" * 5000])
@pytest.mark.parametrize("verb", ["claim", "started", "beat", "done"])
def test_a_length_that_is_none_is_answered_with_a_sentence(verb, length, house, settings, monkeypatch):
    monkeypatch.setattr("django.test.client.WSGIRequest", WebRequest)
    vm = PoolVM(house.job.vm, house.job.vm.runners.get().pk)
    settings.MIDDLEWARE, settings.ROOT_URLCONF = AGENTS
    headers = {"Authorization": f"Bearer {vm.vm.pk}.key", "Content-Length": length}
    answer = Client().post(f"/agent/{verb}", b"{}", content_type="application/json", headers=headers)
    assert answer.status_code in (400, 413) and answer.json()["message"]


@pytest.mark.proof
def test_ten_thousand_odd_words_of_agents_break_nothing(house, settings):
    converse(house, settings, 10_000)
