"""A stranger comes to a first green job: at most four steps from an account to a VM that did its work."""

from tests.journeys.people import JOURNEY
from tests.practice.forge.harness import LINK, one_job

pytestmark = JOURNEY


def test_a_new_user_gets_a_first_green_job(somebody, place):
    ada = somebody("ada")
    ada.sign_up()
    ada.sees("0 of 4 done")
    ada.link(place)
    ada.press("Create default pool")
    ada.sees("2 of 4 done")
    line = ada.page.locator(".diff ins").inner_text().strip()
    assert line.startswith("runs-on: ")
    place.push(one_job(line.removeprefix("runs-on: ")))
    ada.sees("4 of 4 done")
    ada.go("Jobs")
    ada.follow("build")
    ada.until_it_shows(ada.page.locator("h1 + .chip", has_text="Succeeded"))
    ada.go("Spend")
    ada.follow("Ledger")
    ada.sees("Starter grant")


def test_with_a_token_that_may_write_one_button_sends_a_test_job(somebody, place):
    ada, token = somebody("tess"), place.forge.token(place.owner, *LINK, "write:repository")
    ada.sign_up()
    ada.link(place, token)
    ada.press("Create default pool")
    ada.follow("Send a test job")
    ada.press("Send test job")
    ada.sees("4 of 4 done")
