"""What people are told by mail, because it can't wait until they look."""

from datetime import datetime

import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse

from tfci.accounts.models import Membership, Role
from tfci.forges.models import LinkedOrg
from tfci.templatetags.show import span

log = structlog.get_logger()


def token_ends(org: LinkedOrg, now: datetime) -> None:
    """To who may give it another one. A mail server that is down costs this mail: the dashboard says it too."""
    link = settings.URL + reverse("org", args=[org.team.slug, org.pk])
    facts = {"org": org, "team": org.team, "left": span(org.token_ends_at - now), "link": link}
    for one in Membership.objects.filter(team=org.team, role__in=[Role.OWNER, Role.ADMIN]).select_related(
        "user"
    ):
        try:
            get_adapter().send_mail("runners/email/token_ends", one.user.email, facts | {"role": one.role})
        except OSError as error:
            log.warning("mail_lost", org=org.pk, error=type(error).__name__)
