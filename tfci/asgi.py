"""The front door of those who wait: agents by Django, live pages beside it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tfci.settings")
agents = get_asgi_application()  # it sets Django up, on which the next lines stand

from runners import live  # noqa: E402
from tfci.requests import AgentRequest  # noqa: E402
from tfci.steady import steady  # noqa: E402

agents.request_class = AgentRequest
steady()


async def application(scope, receive, send) -> None:
    """One ASGI application."""
    answer = live.door if scope["path"].startswith(live.DOOR) else agents
    await answer(scope, receive, send)
