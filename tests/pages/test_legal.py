"""The operator's own terms and privacy policy."""

import re

import pytest

from tests.people import Visitor

pytestmark = pytest.mark.django_db
TEXT = "# Our terms\n\nBe kind. See [privacy](/privacy/) or [this](javascript:alert(1)). <script>alert(1)</script>\n"


@pytest.fixture
def folder(tmp_path, settings):
    settings.LEGAL = str(tmp_path)
    return tmp_path


def get(path: str):
    return Visitor().get(path)


@pytest.mark.parametrize("path", ["/terms/", "/privacy/"])
def test_without_a_text_there_is_no_page_and_no_link(path):
    assert get(path).status_code == 404
    assert path not in get("/").content.decode()
    assert path not in get("/accounts/signup/").content.decode()


def test_a_text_is_a_page_with_its_title_and_the_date_of_its_file(folder):
    (folder / "terms.md").write_text(TEXT)
    page = get("/terms/").content.decode()
    assert "<h1>Our terms</h1>" in page and "Be kind." in page and "Last changed" in page


def test_nothing_in_it_runs(folder):
    (folder / "terms.md").write_text(TEXT)
    page = get("/terms/").content.decode()
    assert "<script>alert" not in page and 'href="javascript:' not in page
    assert '<a href="/privacy/">privacy</a>' in page


def test_it_is_linked_in_the_footer_on_the_sign_up_form_and_in_the_sitemap(folder):
    (folder / "privacy.md").write_text("# Privacy\n\nWe keep little.\n")
    for path in ("/", "/accounts/signup/", "/sitemap.xml"):
        page = get(path).content.decode()
        assert re.search(r"(?<!legal)/privacy/", page), path
        assert not re.search(r"(?<!legal)/terms/", page), path


def test_a_change_of_the_file_shows_at_once(folder):
    (folder / "terms.md").write_text("# Old\n")
    assert "<h1>Old</h1>" in get("/terms/").content.decode()
    (folder / "terms.md").write_text("# Newer\n")
    assert "<h1>Newer</h1>" in get("/terms/").content.decode()


def test_a_file_that_is_far_too_large_is_not_read(folder):
    (folder / "terms.md").write_text("x" * 300_000)
    assert get("/terms/").status_code == 404


@pytest.mark.parametrize("name", ["terms", "privacy"])
def test_the_template_of_the_manual_works_as_it_is(settings, name):
    settings.LEGAL = str(settings.BASE_DIR / "docs" / "legal")
    assert get(f"/{name}/").status_code == 200
