"""Django within Celery's workers: a database session a thread, kept from task to task, and no pages.

Celery's own fixup for Django closes them around every task, whatever CONN_MAX_AGE says (celery/fixups/django.py), and
to open one costs more than most tasks do.
"""

from functools import cached_property
from typing import Any

from celery import Celery, Task
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup
from django.db import close_old_connections


def fixup(app: Celery) -> DjangoFixup:
    """What Celery calls instead of its own."""
    return SessionsKept(app).install()


class WorkerSessions(DjangoWorkerFixup):
    """As Django does between two requests: what PostgreSQL has ended, or what is too old, is opened anew."""

    def validate_models(self) -> None:
        """Without Django's checks: they load all pages, 22 MiB, and `migrate` has run them."""
        self.django_setup()

    def on_task_prerun(self, sender: Task, **_: Any) -> None:
        if not sender.request.is_eager:
            close_old_connections()

    def on_task_postrun(self, sender: Task, **_: Any) -> None:
        """The next task asks whether it still lives."""


class SessionsKept(DjangoFixup):
    @cached_property
    def worker_fixup(self) -> WorkerSessions:
        return WorkerSessions(self.app)
