"""Which door answers which address."""

from django.urls import include, path

from runners import agent, webhooks

machines = [
    path("claim", agent.claim),
    path("order", agent.order),
    path("started", agent.started),
    path("beat", agent.beat),
    path("done", agent.done),
]
urlpatterns = [
    path("hooks/<str:address>", webhooks.webhook, name="webhook"),
    path("agent/", include(machines)),
]
