"""What the ASGI process answers: those who wait. It has no session and no login, so no page may stand here."""

from django.urls import include, path

urlpatterns = [path("agent/", include("runners.web.agent_urls"))]
handler400 = "runners.web.agent.not_understood"
handler404 = "runners.web.agent.not_found"
handler500 = "runners.web.agent.failed"
