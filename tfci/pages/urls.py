"""Addresses of the pages for everybody."""

from django.urls import path

from tfci.pages.views import (
    api_reference,
    compare,
    crawlers,
    health,
    labels,
    landing,
    legal,
    manual,
    pricing,
    security,
    status,
    team_search,
)

urlpatterns = [
    path("", landing.front, name="front"),
    path("pricing/", pricing.pricing, name="pricing"),
    path("compare/", compare.compare, name="compare"),
    path("security/", security.security, name="security"),
    path("terms/", legal.page, {"name": "terms"}, name="terms"),
    path("privacy/", legal.page, {"name": "privacy"}, name="privacy"),
    path("labels/", labels.labels, name="labels"),
    path("status/", status.status, name="status"),
    path("t/<slug:team>/search/", team_search.search, name="team_search"),
    path("docs/", manual.contents, name="manual"),
    path("docs/images/<str:name>", manual.picture, name="manual_image"),
    path("docs/api-reference/", api_reference.contents, name="api_reference"),
    path("docs/api-reference/<slug:name>/", api_reference.resource, name="api_resource"),
    path("docs/<path:name>/", manual.page, name="manual_page"),
    path("health", health.health, name="health"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("favicon.ico", crawlers.favicon, name="favicon"),
]
