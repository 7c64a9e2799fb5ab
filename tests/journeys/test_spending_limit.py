"""A limit of what a pool may spend: a job says that it waits for it, and runs once it is lifted."""

from tests.journeys.people import JOURNEY
from tests.practice.forge.harness import one_job

pytestmark = JOURNEY


def test_a_job_waits_for_a_limit_and_runs_once_it_is_raised(owner, script, place, linked):
    script.call("POST", "/pools", name=place.org, connections=[linked["id"]], linger_minutes=0)
    place.push(one_job("small"))
    owner.go("Jobs")
    first = owner.page.get_by_role("row").filter(has_text=place.org)
    owner.until_it_shows(first)
    owner.hands.press(first.get_by_role("link").first)
    owner.until_it_shows(owner.page.locator("h1 + .chip", has_text="Succeeded"))
    owner.go("Spend")
    owner.follow("Limits")
    owner.follow("New limit")
    owner.choose("Spending of", place.org)
    owner.write("Limit (TFT)", "0.0000001")
    owner.press("Set limit")
    owner.sees("The limit is set.")
    owner.sees("Reached")
    place.push(one_job("small"))
    owner.go("Jobs")
    held = owner.page.get_by_role("row").filter(has_text=f"TFT a day for the pool {place.org} is reached")
    owner.until_it_shows(held)
    owner.hands.press(held.get_by_role("link").first)
    owner.sees("it renews at")
    job = owner.page.url
    owner.go("Spend")
    owner.follow("Limits")
    owner.follow("Change")
    owner.write("Limit (TFT)", "1000")
    owner.press("Save limit")
    owner.sees("The limit is saved.")
    owner.visit(job)
    owner.until_it_shows(owner.page.locator("h1 + .chip", has_text="Succeeded"))
