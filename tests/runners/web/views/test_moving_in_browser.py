"""Moving workflows here in a real browser: chosen, seen, agreed to."""

import pytest
from django.urls import reverse

from tests.browser import accessibility, chromium, open_page, sideways
from tests.people import client_of
from tfci.forges.facts import FileSeen

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CI = "on: push\njobs:\n" + "".join(
    f"  {name}:\n    runs-on: {labels}\n    steps:\n      - run: make\n"
    for name, labels in {
        "build": "ubuntu-latest",
        "mac": "macos-14",
        "grid": "${{ matrix.a_long_name_of_it }}",
    }.items()
)


@pytest.fixture
def page(open_page, house, outside):
    outside.files = [
        FileSeen(".gitea/workflows/ci.yml", CI, "s1"),
        FileSeen(".gitea/workflows/bad.yml", "[", "s2"),
    ]
    return open_page(
        client_of("owner", house.team),
        reverse("connection_migrate", args=[house.team.slug, house.connection.pk]),
    )


def test_what_was_chosen_is_shown_for_everybody_and_agreed_to(page, outside):
    page.get_by_label("Size").select_option("medium")
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_text("1 job in 1 file would change").wait_for()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert accessibility(page) == "", theme
    page.set_viewport_size({"width": 360, "height": 740})
    assert sideways(page) <= 0
    page.get_by_role("button", name="Open pull request").click()
    page.get_by_role("link", name="https://git.example.org/kestrel/app/pulls/1").wait_for()
    assert [path for _, _, path, _ in outside.proposed] == [".gitea/workflows/ci.yml"]
    assert page.mistakes == []
