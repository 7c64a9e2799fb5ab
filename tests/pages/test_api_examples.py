"""Every example of the API's reference, sent to the product as a reader would: by curl, and by Python."""

import io
import json
import subprocess
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection as database
from django.utils import timezone

from runners.models import VM, Server
from runners.web.api.examples import BODIES, NUMBERS, QUERIES
from tests.builders import (
    a_connection,
    a_debug_access,
    a_deposit,
    a_deposit_address,
    a_job,
    a_limit,
    a_membership,
    a_node,
    a_pool,
    a_price,
    a_runner,
    a_server,
    a_serving_vm,
    a_team,
    a_user,
    a_vm,
)
from tests.house import PUBLIC_KEY
from tests.worlds import FakeForge, a_world
from tfci.accounts import ssh_keys, tokens
from tfci.pages import api_examples
from tfci.pages.api_reference import resources

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = [one for resource in resources().values() for one in resource.operations]
# what ends a row comes last, and what reads the version of the forge, which in memory can do less, before it
LAST = {
    "check_connection": 1,
    "delete_server": 2,
    "delete_limit": 2,
    "retire_vm": 2,
    "delete_pool": 3,
    "disconnect_connection": 4,
}
LANGUAGES = {"curl": api_examples.curl, "Python": api_examples.python}
ADA = BODIES["open_debug_access"]["person"]


class Forge(FakeForge):
    """A Gitea that lets tokens run jobs again and cancel them."""

    def check(self):
        return replace(super().check(), version="1.28.0")


@pytest.fixture
def team(monkeypatch, settings, tmp_path):
    """With the rows that examples speak of, each with the number that it has there."""
    world = replace(a_world()[0], forge=lambda connection: Forge())
    monkeypatch.setattr("runners.gateways.GATEWAYS", world)
    cache.clear()
    (tmp_path / "gitea").touch(mode=0o755)  # the program of a server that an example deploys
    settings.ENGINES = str(tmp_path)
    now, team = timezone.now(), a_team()
    a_price(read_at=now)
    node = a_node(node_id=NUMBERS["nodes"], country="Belgium")
    connection = a_connection(team, pk=NUMBERS["connections"], name="acme", version="1.28.0", may_write=True)
    pool = a_pool(team, [connection], pk=NUMBERS["pools"], name="main")
    a_job(connection, "completed", pk=NUMBERS["jobs"], pool=pool, run_id="4", conclusion="failure")
    addresses = {"addresses": {"ssh": "127.0.0.1:20123"}, "last_heartbeat_at": now}
    busy = a_vm("busy", pool, pk=NUMBERS["vms"], node=node, **addresses)
    running = a_job(connection, "in_progress", pk=13, pool=pool, vm=busy, run_id="5")
    a_runner(busy, job=running, taken_at=now)
    a_vm("standby", pool, pk=8, node=node)
    a_serving_vm(a_server(team, pk=NUMBERS["servers"], name="docs"))
    a_limit(team, pk=NUMBERS["limits"])
    a_deposit(a_deposit_address(team))
    admin = a_membership(team, a_user(ADA), "admin").user
    ssh_keys.add(admin, ssh_keys.read(PUBLIC_KEY), "", now)
    a_debug_access(busy, admin, opened_at=now - timedelta(hours=3), closed_at=now - timedelta(hours=2))
    _count_on()
    return team


def _count_on():
    """Numbers that the database gives follow those that were given here."""
    with database.cursor() as cursor:
        for statement in database.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


def run(language, text, environment):
    """What an example printed; it fails where the API answers with an error."""
    if language == "Python":
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
            for name, value in environment.items():
                patch.setenv(name, value)
            exec(compile(text, "example", "exec"), {})  # noqa: S102 - our own
        return printed.getvalue()
    done = subprocess.run(["bash", "-euc", text], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_runs(language, team, live_server, settings):
    _, secret = tokens.make(team, "examples", "write", a_user(), timezone.now())
    environment = {"FARMHAND": f"{live_server.url}/api/v1", "FARMHAND_TOKEN": secret.reveal()}
    environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    for one in sorted(OPERATIONS, key=lambda one: LAST.get(one.name, 0)):
        settings.GRID = "local" if "debug" in one.name else "simulated"  # a simulated VM lets nobody in
        printed = run(language, LANGUAGES[language](one), environment)
        assert printed.strip(), one.name
        if language == "curl" and not api_examples.is_text(one):
            json.loads(printed)
    assert VM.objects.get(pk=8).retire_reason
    assert Server.objects.get(pk=NUMBERS["servers"]).closing_at


def test_every_body_has_an_example_and_every_example_an_operation():
    names = {one.name for one in OPERATIONS}
    assert {one.name for one in OPERATIONS if one.body} == BODIES.keys()
    assert names >= QUERIES.keys()


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)
def test_what_must_be_said_is_said_in_the_example(one):
    assert all(field.example for field in [*one.in_path, *one.in_query] if field.required)
    assert {field.name for field in one.body if field.required} <= (one.example or {}).keys()
