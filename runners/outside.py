"""The world that doors hand down: real forges, real grids, the real clock. Tests put a fake in its place."""

from django.utils import timezone

from runners import world

WORLD = world.real(timezone.now)
