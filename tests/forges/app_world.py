"""A GitHub with an App of ours, installed: its counterpart, and the rows that the product would have."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.builders import NOON, a_team
from tests.counterparts.github import GitHub
from tfci.core.secret import Secret
from tfci.forges.github import app
from tfci.forges.github_apps import app_registry
from tfci.forges.models import Connection, GitHubApp, Installation

KEY = rsa.generate_private_key(65537, 2048)
HOME = "https://farmhand.example.org"


class AppWorld:
    """`row` is our App, `app` is GitHub's."""

    def __init__(self, github, reach="org"):
        self.github, self.world = github, github.world
        self.reach = reach
        asked = app.manifest("Farmhand", HOME, f"{HOME}/hooks/app", f"{HOME}/made", f"{HOME}/back", reach)
        self.app = self.world.app(json.loads(asked), KEY)
        self.row = GitHubApp.objects.create(
            url=github.url,
            reach=reach,
            app_id=self.app.id,
            slug=self.app.slug,
            name=self.app.name,
            client_id=self.app.client_id,
            client_secret=Secret(self.app.client_secret),
            webhook_secret=Secret(self.app.webhook_secret),
            pem=Secret(self.app.pem),
            address="app",
            made_at=NOON,
        )

    def client(self):
        return app_registry.app(self.row, self.world.clock.seconds)

    def installed(self, login, team=None, owner="ann", linked=True, repository="app"):
        """The installation's row, linked by a team unless said otherwise."""
        self.world.account(owner, "User")
        self.world.account(login, owner=owner)
        self.world.repo(login, repository)
        there = self.world.installation(self.app, login)
        row = Installation.objects.create(app=self.row, installation_id=there.id, due_at=NOON)
        if linked:
            self.linked(row, login, team)
        return row

    def linked(self, row, name, team=None):
        return Connection.objects.create(
            team=team or a_team(),
            forge="github",
            level=self.reach,
            url=self.github.url,
            name=name,
            token=Secret(""),
            hook_secret=Secret(""),
            hook_id="app",
            installation=row,
            connected_at=NOON,
            next_poll_at=NOON,
        )


@pytest.fixture
def github(settings):
    made = GitHub()
    settings.ALLOWED_FORGE_ORIGINS = [made.url]
    made.world.clock.stand(NOON)
    yield made
    made.stop()


@pytest.fixture
def apps(github, db):
    return AppWorld(github)
