"""What people do in GitHub's pages, where a browser comes and goes: each deed returns where it is sent next."""

import json
from urllib.parse import urlencode

from tests.counterparts.github import shapes

HOUR, MINUTES = 3600, 600


class People:
    def __init__(self, github):
        self.github, self.world = github, github.world

    def makes_an_app(self, manifest, state, key=None):
        """Presses “Create GitHub App” on the page that the manifest was posted to. Raises what GitHub would show."""
        said = json.loads(manifest)
        for field in ("name", "url", "redirect_url", "default_permissions", "default_events"):
            if field not in said:
                raise ValueError(f"Invalid GitHub App configuration: {field} wasn't supplied")
        made = self.world.app(said, key)
        return _to(said["redirect_url"], code=self.github.code(made, HOUR), state=state)

    def installs(self, app, person, login, state, repositories=None):
        """Presses “Install”, which signs in on the way where the App asks for that."""
        made = self.world.installation(app, login, repositories)
        told = {"installation": {"id": made.id}, "action": "created"}
        self.github.postman.tell_app("installation", made, told)
        code = self.github.code((app, person), MINUTES)
        where = app.manifest["callback_urls"][0]
        return made, _to(where, code=code, installation_id=made.id, setup_action="install", state=state)

    def signs_in(self, app, person, state):
        """Presses “Authorize”."""
        return _to(
            app.manifest["callback_urls"][0], code=self.github.code((app, person), MINUTES), state=state
        )

    def suspends(self, installation):
        installation.suspended_at = self.world.clock.now()
        self._tell(installation, "suspend")

    def unsuspends(self, installation):
        installation.suspended_at = None
        self._tell(installation, "unsuspend")

    def uninstalls(self, installation):
        installation.deleted = True
        self._tell(installation, "deleted")

    def accepts(self, installation, permissions):
        installation.permissions = permissions
        self._tell(installation, "new_permissions_accepted")

    def adds_a_repository(self, installation, full_name):
        installation.repositories = (installation.repositories or set()) | {full_name}
        added = [shapes.repo(self.github.url, self.world.repos[full_name])]
        told = {"action": "added", "repositories_added": added, "repositories_removed": []}
        self.github.postman.tell_app("installation_repositories", installation, told)

    def _tell(self, installation, action):
        self.github.postman.tell_app("installation", installation, {"action": action})


def _to(where, **query):
    return f"{where}?{urlencode({name: value for name, value in query.items() if value is not None})}"
