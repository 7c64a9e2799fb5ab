"""A front door's process, before its first visitor."""

import gc

from django.urls import get_resolver


def steady() -> None:
    """Load all pages' code, and take what then stands for as long as the process out of the garbage collector's
    way: each of its full rounds would walk it again, for a tenth of a second in the middle of somebody's page."""
    get_resolver().url_patterns  # noqa: B018  to ask for them loads them
    gc.collect()
    gc.freeze()
