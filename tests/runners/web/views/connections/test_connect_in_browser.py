"""The form that connects a forge, in a real browser: what it shows follows what one types and chooses."""

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility, chromium, open_page

__all__ = ["chromium", "open_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_the_token_page_follows_the_address_and_the_scopes_follow_the_level(open_page, owner, house):
    page = open_page(owner, house.address("connection_new"))
    way = page.get_by_role("link", name="Open the token page of Gitea")
    expect(way).to_be_hidden()
    page.get_by_label("Address", exact=True).fill("https://git.example.org/")
    expect(way).to_have_attribute("href", "https://git.example.org/user/settings/applications")
    page.get_by_label("Address", exact=True).fill("javascript:alert(1)")
    expect(way).to_be_hidden()
    expect(page.get_by_text("read:repository", exact=False).filter(visible=True)).to_have_count(1)
    page.get_by_label("What to connect").select_option("repo")
    expect(page.get_by_text("write:repository, read:user")).to_be_visible()
    assert (accessibility(page), page.mistakes) == ("", [])


def test_without_javascript_all_scopes_and_the_path_of_the_page_are_there(open_page, owner, house):
    page = open_page(owner, house.address("connection_new"), java_script_enabled=False)
    expect(page.get_by_text("write:admin, read:repository, read:user")).to_be_visible()
    expect(page.get_by_text("write:repository, read:user")).to_be_visible()
    expect(page.get_by_text("The token page is at")).to_be_visible()
