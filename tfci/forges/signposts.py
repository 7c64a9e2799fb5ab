"""Keep each organisation's signpost online, so that a job which waits does not look broken at its forge.

A signpost is a registration that never takes a job (docs/design/design.md, 4).
"""

from datetime import datetime, timedelta

from django.db.models import Q

from tfci.core.vault import instance
from tfci.forges import registry
from tfci.forges.errors import Busy, ForgeError, Gone, Unreachable
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import Forge, ShowsSignposts

EVERY = timedelta(seconds=30)  # a runner is offline 60 s after its last word
MOST_LABELS = 200


def due(now: datetime):
    """The organisations whose signpost must speak now."""
    late = Q(signpost_at=None) | Q(signpost_at__lte=now - EVERY)
    due = LinkedOrg.objects.filter(late, LinkedOrg.callable_at(now), unlinking_at=None, unlinked_at=None)
    return due.exclude(signpost_labels=[])


def show(org: LinkedOrg, labels: list[str]) -> bool:
    """Let it show these labels too, soon. Only labels that a pool accepted. True when there were new ones."""
    if not registry.kind(org.forge).does(ShowsSignposts):
        return False
    new = [label for label in labels if label not in org.signpost_labels]
    if not new:
        return False
    org.signpost_labels = (org.signpost_labels + new)[-MOST_LABELS:]
    LinkedOrg.objects.filter(pk=org.pk).update(signpost_labels=org.signpost_labels, signpost_at=None)
    return True


def keep(org: LinkedOrg, forge: Forge, now: datetime) -> None:
    """Say that it is there, with its labels; make it where there is none. Raises nothing: the next turn comes soon."""
    post = registry.as_one_that(org, forge, ShowsSignposts)
    if post is None:
        return
    try:
        if org.signpost_id:
            post.declare(org.signpost_credential, org.signpost_labels)
        else:
            _make(org, forge, post)
    except Gone:
        LinkedOrg.objects.filter(pk=org.pk).update(signpost_id="", signpost_credential=None, signpost_at=None)
        return
    except (Unreachable, Busy):
        return
    except ForgeError as error:
        LinkedOrg.objects.filter(pk=org.pk).update(signpost_at=now, trouble=str(error))
        return
    said = LinkedOrg.objects.filter(pk=org.pk, signpost_labels=org.signpost_labels)
    said.update(signpost_at=now)  # labels that came meanwhile are still to be said


def _make(org: LinkedOrg, forge: Forge, post: ShowsSignposts) -> None:
    """Look first: one that an earlier try made without recording it would stay for ever."""
    name = f"farmhand-signpost-{instance()}-{org.pk}"
    lost = forge.find(name)
    if lost:
        forge.forget(lost.runner_id)
    made = post.signpost(name, org.signpost_labels)
    LinkedOrg.objects.filter(pk=org.pk).update(
        signpost_id=made.runner_id, signpost_credential=made.credential
    )
    post.declare(made.credential, org.signpost_labels)
