"""What the clients of Gitea and Forgejo share: webhooks, logs, and signposts."""

import contextlib
import json
from collections.abc import Sequence
from urllib.parse import quote

from tfci.core import http_client
from tfci.core.secret import Secret
from tfci.forges.actions import addresses, paths
from tfci.forges.actions.schemas import Hook
from tfci.forges.errors import Gone
from tfci.forges.gitea import schemas as shapes
from tfci.forges.gitea.api import GiteaApi
from tfci.forges.gitea.files import Files
from tfci.forges.gitea.scopes import place
from tfci.forges.target import ForgeTarget

AGENT = "farmhand"  # the version that is shown of our runners until their engine has started
LOG = http_client.MIB


class GiteaFamily(Files):
    """One organization, user or repository of one server or all of it, seen with one owner's token."""

    title: str
    events: Sequence[str]  # of its webhooks

    def __init__(self, target: ForgeTarget) -> None:
        """Raises ForgeRefused."""
        self._place = place(target.level, target.name)
        self._api = GiteaApi(target.url, target.token, target.policy, target.timeout, self._place, self.title)
        self._engine = target.engine
        self._runner_url = addresses.of_runners(self._api.url, target.runner_url)

    def hook(self, address: str, secret: Secret) -> str:
        """The new hook is made before older ones to the address go: their secret can't be read or changed."""
        config = {"url": address, "content_type": "json", "secret": secret.reveal()}
        if self._place.level == "instance":  # else it would be a default that only new repositories get
            config["is_system_webhook"] = "true"
        body = {
            "type": "gitea",
            "active": True,
            "events": self.events,
            "branch_filter": "*",
            "config": config,
        }
        made = self._api.fetch("POST", f"{self._place.path}/hooks", Hook, json=body)
        for older in self._hooks():
            if older.config.url == address and older.id != made.id:
                self.unhook(str(older.id))
        return str(made.id)

    def unhook(self, hook_id: str) -> None:
        with contextlib.suppress(Gone):
            self._api.call("DELETE", f"{self._place.path}/hooks/{quote(hook_id, safe='')}")

    def _hooks(self) -> list[Hook]:
        hooks: list[Hook] = []
        for answer in self._api.pages(f"{self._place.path}/hooks"):
            page = shapes.read(answer.body, list[Hook])
            if not page:
                break
            hooks += page
        return hooks

    def log(self, repository: str, run_id: str, job_id: str) -> str:
        headers = {"Accept": "*/*", "Range": f"bytes=-{LOG}"}
        answer = self._api.call("GET", f"{paths.job(repository, job_id)}/logs", headers=headers)
        return answer.body[-LOG:].decode(errors="replace")

    def declare(self, credential: Secret, labels: Sequence[str]) -> None:
        """It is shown offline 60 s after the last time."""
        runner = json.loads(credential.reveal())
        headers = {"x-runner-uuid": runner["uuid"], "x-runner-token": runner["token"]}
        self._api.rpc("Declare", {"version": AGENT, "labels": [*labels]}, shapes.Declared, headers)
