"""The catalogue: what can be deployed as a server, and what can't here."""

from typing import Any

from ninja import Router, Schema
from pydantic import Field

from runners.servers import catalogue, reconcile
from runners.servers.catalogue.apps import App
from runners.web.api import problems
from runners.web.api.access import Bearer
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("servers.read")


class AskShown(Schema):
    name: str
    label: str
    help: str
    hidden: bool = Field(description="Whether the value is stored encrypted and never shown.")


class AppShown(Schema):
    name: str = Field(description="The name that POST /servers takes.")
    title: str
    about: str
    sizes: list[str]
    asks: list[AskShown] = Field(description="Values required to deploy the app.")
    why_not: str = Field(description="Why it can't be deployed here; empty if it can.")


@router.get("", auth=READ, response={200: list[AppShown]} | problems.responses())
def list_apps(request: TokenRequest) -> list[dict[str, Any]]:
    """All apps, by title."""
    return [shown(app) for app in catalogue.all_apps()]


def shown(app: App) -> dict[str, Any]:
    obstacle = reconcile.obstacle(app)
    return {
        "name": app.slug,
        "title": app.title,
        "about": app.about,
        "sizes": list(app.sizes),
        "asks": [
            {"name": ask.name, "label": ask.label, "help": ask.help, "hidden": ask.secret} for ask in app.asks
        ],
        "why_not": str(obstacle or ""),
    }
