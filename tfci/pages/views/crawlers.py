"""For VMs that read the site: robots.txt, sitemap.xml, and the icon that old browsers ask for."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from tfci.pages import legal
from tfci.pages.manual import manual

PAGES = ("front", "pricing", "compare", "security", "labels", "status", "manual")
CLOSED = ("/t/", "/accounts/", "/api/", "/agent/", "/hooks/", "/live/", "/docs/?q=")


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """What is of no use to a search engine, and where the rest is listed."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    lines += ["", f"Sitemap: {settings.URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page for everybody."""
    paths = [reverse(name) for name in (*PAGES, *legal.provided())]
    paths += [reverse("manual_page", args=[name]) for name in manual().pages]
    urls = format_html_join("\n", "<url><loc>{}{}</loc></url>", ((settings.URL, path) for path in paths))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return HttpResponse(head + format_html("{}\n</urlset>\n", urls), content_type="application/xml")


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("img/favicon.svg"))
