"""Which door answers which address."""

from django.urls import path

from runners import agent, webhooks

urlpatterns = [
    path("hooks/<str:address>", webhooks.webhook, name="webhook"),
    path("agent/claim", agent.claim),
    path("agent/order", agent.order),
    path("agent/started", agent.started),
    path("agent/beat", agent.beat),
    path("agent/done", agent.done),
]
