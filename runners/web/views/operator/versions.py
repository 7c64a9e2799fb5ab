"""What runs here, and at the forges: versions, and how many have them."""

import platform
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.db import connection as database
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from runners.models import VM
from runners.vms import images
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core.optional import present
from tfci.core.processes import worker_heartbeats
from tfci.forges import registry
from tfci.forges.models import Connection
from tfci.grid import registry as grid

LATEST = 500  # VMs whose agents told of their engines


@operator
def versions(request: SignedInRequest) -> HttpResponse:
    context = {"own": _own(), "forges": _forges(), "engines": _engines(), "network": grid.network()}
    context["images"] = _images(timezone.now())
    return render(request, "operator/versions.html", context)


def _own() -> list[tuple[str, str]]:
    try:
        valkey = worker_heartbeats.version()
    except worker_heartbeats.ValkeyDown as error:
        valkey = str(error)
    with database.cursor() as cursor:
        cursor.execute("show server_version")
        postgres = cursor.fetchone()[0]
    return [
        (settings.NAME, settings.VERSION),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("PostgreSQL", postgres),
        ("Valkey", valkey.partition(" ")[2] if valkey.startswith("Valkey ") else valkey),
    ]


def _forges() -> list[tuple[str, str, int]]:
    """Kind, version, links."""
    linked = Connection.objects.filter(disconnected_at=None).values_list("forge", "version")
    found = linked.annotate(Count("pk")).order_by("forge", "version")
    return [(registry.kind(forge).title, version, count) for forge, version, count in found]


def _images(now: datetime) -> list[dict[str, Any]]:
    """Images of the newest VMs that told theirs, the newest first, with what of each is too old."""
    newest = VM.objects.exclude(image=None).order_by("-pk").values_list("image", flat=True)[:LATEST]
    found: dict[str, dict[str, Any]] = {}
    for image in newest:
        row = {
            "image": image,
            "built_at": images.built_at(image),
            "warnings": images.warnings(image, now),
            "count": 0,
        }
        found.setdefault(present(image)["built_at"], row)["count"] += 1
    return list(found.values())


def _engines() -> list[dict[str, Any]]:
    """Engine and version of the newest VMs that told theirs, the newest word first."""
    newest = VM.objects.exclude(engines={}).order_by("-pk").values_list("engines", "claimed_at")[:LATEST]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for engines, claimed_at in newest:
        for name, version in engines.items():
            row = {"name": name, "version": version, "count": 0, "at": claimed_at}
            found.setdefault((name, str(version)), row)["count"] += 1
    return list(found.values())
