"""The front door of those who wait: agents by Django, live pages beside it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tfci.settings")
agents = get_asgi_application()  # it sets Django up, on which the next lines stand

from runners.live import events  # noqa: E402
from tfci.core.processes.warmup import warm_up  # noqa: E402
from tfci.core.requests import AgentRequest, Receive, Scope, Send  # noqa: E402

agents.request_class = AgentRequest
warm_up()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One ASGI application."""
    answer = events.door if scope["path"].startswith(events.DOOR) else agents
    await answer(scope, receive, send)
