"""The catalogue as it ships, and the operator's own beside it."""

from pathlib import Path

import pytest

from runners.servers import catalogue, reconcile
from tfci.forges import registry

OURS = Path(__file__).parent / "apps"


@pytest.fixture(autouse=True)
def without_more(settings):
    settings.APPS = ""


def test_it_has_what_the_requirements_name():
    assert [app.slug for app in catalogue.all_apps()] == ["forgejo", "gitea", "woodpecker", "zeroci"]


def test_an_app_says_all_that_its_page_shows():
    for app in catalogue.all_apps():
        assert app.about and app.keeps and app.notes and app.source.startswith("https://"), app.slug
        assert app.needs or (app.license and app.site and app.steps and app.health.startswith("/")), app.slug


def test_what_can_be_linked_is_a_forge_that_we_link():
    assert {app.links_as for app in catalogue.all_apps() if app.program} <= set(registry.KINDS)


def test_zeroci_says_its_age_its_needs_and_that_anybody_can_start_its_jobs():
    app = catalogue.find("zeroci")
    told = " ".join([app.needs, *app.notes])
    for word in ("Kubernetes", "2020", "are not checked for a signature", "3Bot"):
        assert word in told
    assert reconcile.obstacle(app).code == "app_needs"


def test_the_operators_own_stand_beside_ours_and_in_for_them(settings, tmp_path):
    settings.APPS = str(OURS)
    assert catalogue.find("pages").title == "Pages"
    stand_in = tmp_path / "gitea"
    stand_in.mkdir()
    (stand_in / "app.toml").write_text(
        (OURS / "pages/app.toml").read_text().replace('"Pages"', '"Our Gitea"')
    )
    settings.APPS = str(tmp_path)
    assert catalogue.find("gitea").title == "Our Gitea"


def test_a_program_is_looked_for_among_engines_and_on_the_path(settings, tmp_path):
    settings.GRID, app = "simulated", catalogue.find("gitea")
    settings.ENGINES = str(tmp_path)
    assert reconcile.obstacle(app).code == "no_app_program"
    program = tmp_path / "gitea"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert reconcile.obstacle(app) is None


def test_vms_that_nobody_can_call_serve_nothing(settings):
    settings.GRID = "local"
    assert reconcile.obstacle(catalogue.find("gitea")).code == "vms_unreachable"
