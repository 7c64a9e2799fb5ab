"""The pictures of README and manual, written to docs/images/: `make pictures`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from billing import quotes
from tests.browser import chromium
from tests.builders import a_connection, a_membership, a_pool, a_team
from tests.screens.lives import Work, ended
from tests.screens.served import Visit, browser_of, served, window
from tfci.grid.models import Node

__all__ = ["browser_of", "chromium", "served", "window"]
pytestmark = [pytest.mark.screens, pytest.mark.django_db]

IMAGES = Path(__file__).parents[2] / "docs" / "images"
GITEA, ORGANIZATION = "http://localhost:3000", "acme"
WINDOW = {"width": 1100, "height": 1240}  # wide enough for a sidebar, which a part of a page leaves out
OVERVIEW = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def begun(served, django_db_blocker):
    """The team without anything has connected its forge and has a pool."""
    with django_db_blocker.unblock():
        connected = _connection(served.empty.team, "https://git.example.org")
        a_pool(served.empty.team, [connected], name="default", created_at=timezone.now())
    return served.empty


@pytest.fixture(scope="module")
def demo(served, django_db_blocker):
    """The demo team of `make run`, after an organization was connected: its pool takes no jobs of it yet."""
    with django_db_blocker.unblock():
        team = a_team("Demo")
        a_membership(team, served.empty.owner, "owner")
        connected = _connection(team, GITEA)
        pool = a_pool(
            team, [a_connection(team, name="demo", url="http://127.0.0.1:40123")], name="Everything"
        )
    return replace(served.empty, team=team, connection=connected, pool=pool)


@pytest.fixture(scope="module")
def succeeded(demo, django_db_blocker):
    """The pool takes its jobs, and the first one has run."""
    with django_db_blocker.unblock():
        demo.pool.connections.add(demo.connection)
        work = Work(demo.connection, demo.pool, "acme/app", "hello.yml", "hello", sender="sam")
        queued, price = timezone.now() - timedelta(minutes=2), quotes.prices("simulated")
        ended(work, Node.objects.get(node_id=61), price, queued, 4)
    return demo


def _connection(team, url):
    return a_connection(team, name=ORGANIZATION, url=url, connected_at=timezone.now())


def test_a_team_at_work(served, window):
    take(window(visit(served, served.full, ""), OVERVIEW), "dashboard")


def test_a_job_that_runs(served, window):
    page = window(visit(served, served.full, "jobs/JOB/"), WINDOW)
    page.locator(".log-lines > *").first.wait_for()
    take(page, "job")


def test_connecting(served, window):
    page = window(visit(served, served.empty, "connections/new/"), WINDOW)
    page.get_by_label("Address", exact=True).fill(GITEA)
    page.get_by_label("Name", exact=True).fill(ORGANIZATION)
    page.get_by_label("Access token").fill("x" * 40)
    page.get_by_label("Job discovery").select_option("poll")
    take(page.locator("main form"), "connect-gitea")


def test_the_first_steps(served, window, begun):
    take(window(visit(served, begun, "start/"), WINDOW).locator("#steps"), "first-job")


def test_choosing_the_connection_of_a_pool(served, window, demo):
    page = window(visit(served, demo, "pools/POOL/edit/"), WINDOW)
    page.get_by_label(ORGANIZATION).check()
    take(page.get_by_label("Basics"), "choose-connection")


def test_the_first_job_in_the_list(served, window, succeeded):
    take(window(visit(served, succeeded, "jobs/"), WINDOW).locator("#board"), "first-job-list")


def visit(served, team, page):
    """A page of a team, seen by its owner."""
    return Visit("", team.fill(f"/t/TEAM/{page}"), *served.clients[team.owner])


def take(seen, name):
    """Of a page what fits its window, of a part all of it."""
    seen.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
