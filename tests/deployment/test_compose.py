"""docker-compose.yml runs what `make run` runs, and is a Compose file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from ruamel.yaml import YAML

from tfci.celery import QUEUES
from tfci.management.up import postgres
from tfci.management.up.processes import (
    ASKED_FOR,
    COMMANDS,
    LISTENERS,
    ONE_SHOTS,
    OURS,
    REMAP_SIGTERM,
    SHARED,
)

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")
SERVICES = COMPOSE["services"]
ENGINES = {"postgres", "valkey"}


def settings_read() -> set[str]:
    """The variables that settings.py asks for."""
    return set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "tfci/settings.py").read_text()))


def test_it_keeps_to_the_compose_specification():
    schema = ["check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [sys.executable, "-m", *schema, ROOT / "docker-compose.yml"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stdout


def test_it_has_every_process_of_make_run_and_no_other():
    assert set(SERVICES) == set(COMMANDS) | ENGINES | {"migrate"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_process_runs_the_same_command(name):
    assert SERVICES[name]["command"] == COMMANDS[name]


def test_a_process_that_has_to_be_asked_for_is_in_a_profile_and_no_other():
    assert {name for name, service in SERVICES.items() if "profiles" in service} == set(ASKED_FOR)


def test_migrating_runs_the_same_command():
    assert SERVICES["migrate"]["command"] == ONE_SHOTS["migrate"]


@pytest.mark.parametrize("name", OURS)
def test_a_process_of_ours_is_told_who_it_is_and_all_that_it_needs(name):
    environment = SERVICES[name]["environment"]
    assert environment["FARMHAND_PROCESS"] == name
    assert set(SHARED) <= {key for key, value in environment.items() if value}
    assert environment["REMAP_SIGTERM"] == REMAP_SIGTERM


@pytest.mark.parametrize("name", OURS)
def test_each_setting_can_be_given_but_those_of_one_vm(name):
    of_the_image = {"FARMHAND_STATIC"}
    of_one_vm = {
        "FARMHAND_APPS",
        "FARMHAND_ENGINES",
        "FARMHAND_HOME",
        "FARMHAND_HOST_FOR_VMS",
        "FARMHAND_PRACTICE_FORGE",
        "FARMHAND_UNSAFE_LOCAL_JOBS",
    }
    given = set(SERVICES[name]["environment"])
    assert settings_read() - given == of_the_image | of_one_vm | {"FARMHAND_DEBUG"}


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_one_that_somebody_reads(name):
    known = settings_read()
    servers = {"GRANIAN_HOST", "GRANIAN_PORT", "UVICORN_HOST", "UVICORN_PORT", "REMAP_SIGTERM"}
    assert set(SERVICES[name]["environment"]) <= known | servers


@pytest.mark.parametrize("name", LISTENERS)
def test_caddy_finds_those_who_listen(name):
    own = SERVICES[name]["environment"]
    [port] = [value for key, value in own.items() if key.endswith("_PORT") and "SMTP" not in key]
    assert SERVICES["caddy"]["environment"][f"FARMHAND_{name.upper()}"] == f"{name}:{port}"


def test_postgres_logs_as_little_as_in_make_run():
    options = [word for option in postgres.DISCREET for word in ("-c", option)]
    assert SERVICES["postgres"]["command"].split() == ["postgres", *options]


def test_only_caddy_can_be_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


@pytest.mark.parametrize("site", ["http://:8400", "https://ci.example.org"])
def test_the_caddyfile_is_valid_for_both(site):
    variables = {name: "127.0.0.1" for name in SERVICES["caddy"]["environment"]} | {"FARMHAND_SITE": site}
    caddy = [Path(sys.executable).parent / "caddy", "validate", "--config", ROOT / "Caddyfile"]
    checked = subprocess.run(
        [*caddy, "--adapter", "caddyfile"],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stderr


def test_every_queue_has_a_worker():
    listened = [queues for command in COMMANDS.values() for queues in re.findall(r"-Q (\S+)", command)]
    assert sorted(",".join(listened).split(",")) == sorted(QUEUES)


def test_everyone_waits_for_the_migrations():
    waiting = {name for name, service in SERVICES.items() if "migrate" in service.get("depends_on", ())}
    assert waiting == set(COMMANDS)


def test_the_static_files_can_be_collected_as_the_image_does(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", "--no-input", verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()


@pytest.mark.parametrize("name", ["POSTGRES_IMAGE", "VALKEY_IMAGE", "PYTHON_IMAGE"])
def test_each_image_of_others_can_be_pinned_by_digest(name):
    files = [
        (ROOT / file).read_text() for file in ("docker-compose.yml", "Dockerfile", "docs/configuration.md")
    ]
    taken = re.findall(r"^ *image: \${(\w+):-|^FROM \${(\w+)}", "\n".join(files), re.M)
    assert name in {word for pair in taken for word in pair}
    assert f"`{name}`" in files[2]


def test_no_image_of_others_is_fixed_to_a_tag():
    others = [service["image"] for service in SERVICES.values() if service["image"] != "farmhand"]
    assert all(image.startswith("${") for image in others)
