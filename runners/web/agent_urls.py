"""Which door answers an agent. Apart from the pages, so that the process of those who wait loads none of them."""

from django.urls import path

from runners.web import agent

urlpatterns = [
    path("claim", agent.claim),
    path("order", agent.order),
    path("started", agent.started),
    path("beat", agent.heartbeat),
    path("done", agent.done),
]
