"""The page that moves workflows here."""

import pytest
from django.urls import reverse

from tfci.forges.errors import Unreachable
from tfci.forges.facts import FileSeen
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db

CI = "jobs:\n  build:\n    runs-on: ubuntu-latest\n  <b>:\n    runs-on: ${{ matrix.os }}\n"


@pytest.fixture
def page(house, outside):
    outside.files = [FileSeen(".gitea/workflows/ci.yml", CI, "s1")]
    asked = f"?repository=kestrel/app&pool={house.pool.pk}&size=medium"
    return reverse("connection_migrate", args=[house.team.slug, house.connection.pk]) + asked


def seal_of(answer):
    return answer.context["seal"]


def test_what_would_change_is_shown_before_anything_is(owner, page, outside):
    text = owner.get(page).text
    assert "<del>    runs-on: ubuntu-latest</del><ins>    runs-on: medium</ins>" in text
    assert "It is an expression, “${{ matrix.os }}”" in text
    assert "&lt;b&gt;" in text and "<b>:" not in text
    assert outside.proposed == []


def test_a_pull_request_is_opened_of_what_was_seen_and_linked(owner, page, outside):
    answer = owner.post(page, {"seal": seal_of(owner.get(page))}, follow=True)
    assert '<a href="https://git.example.org/kestrel/app/pulls/1" rel="noreferrer">' in answer.text
    [(repository, _, path, text)] = outside.proposed
    assert (repository, path, text) == (
        "kestrel/app",
        ".gitea/workflows/ci.yml",
        CI.replace("ubuntu-latest", "medium"),
    )


def test_what_has_changed_since_is_shown_again_and_not_sent(owner, page, outside):
    seal = seal_of(owner.get(page))
    outside.files = [FileSeen(".gitea/workflows/ci.yml", CI + "  more:\n    runs-on: ubuntu-latest\n", "s2")]
    answer = owner.post(page, {"seal": seal})
    assert "changed since the preview" in answer.text
    assert outside.proposed == []


def test_the_patch_is_a_file(owner, page, house):
    answer = owner.get(page.replace("/migrate/", "/migrate.patch"))
    assert answer["Content-Disposition"] == 'attachment; filename="farmhand-kestrel-app.patch"'
    assert answer.text.startswith("--- a/.gitea/workflows/ci.yml\n+++ b/.gitea/workflows/ci.yml\n@@ ")


def test_a_token_that_may_only_read_leaves_the_patch(owner, page, house):
    Connection.objects.filter(pk=house.connection.pk).update(may_write=False)
    text = owner.get(page).text
    assert "Open a pull request" not in text
    assert "Download patch" in text and "can only read repositories" in text


def test_a_repository_of_somebody_else_is_no_choice(owner, page, outside):
    text = owner.get(page.replace("kestrel/app", "other/app")).text
    assert "Select a valid choice" in text
    assert "ubuntu-latest</del>" not in text


def test_a_forge_that_does_not_answer_says_so(owner, page, outside):
    outside.broken = Unreachable("https://git.example.org does not answer.")
    assert "https://git.example.org does not answer." in owner.get(page).text
    assert owner.get(page.replace("/migrate/", "/migrate.patch")).status_code == 302


def test_without_a_pool_there_is_nowhere_to_move_to(owner, page, house):
    house.pool.connections.clear()
    assert "Create a pool first" in owner.get(page.partition("?")[0]).text


def test_nothing_to_move_is_said(owner, page, outside):
    outside.files = []
    assert "No workflows to migrate" in owner.get(page).text
    outside.files = [FileSeen("x.yml", CI.replace("ubuntu-latest", "windows-11"), "s1")]
    assert "Nothing would change" in owner.get(page).text
