"""What people are told by mail, because it can't wait until they look."""

from datetime import datetime

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from tfci.accounts.models import Membership, Role
from tfci.forges.models import LinkedOrg
from tfci.templatetags.show import span

log = structlog.get_logger()
TELLS = [Role.OWNER, Role.ADMIN]
PARTS = ("subject", "message")


def token_ends(org: LinkedOrg, now: datetime) -> None:
    """To who may give it another one. A mail server that is down costs this mail: the dashboard says it too."""
    link = settings.URL + reverse("org", args=[org.team.slug, org.pk])
    facts = {"org": org, "team": org.team, "left": span(org.token_ends_at - now), "link": link}
    for one in Membership.objects.filter(team=org.team, role__in=TELLS).select_related("user"):
        said = facts | {"role": one.role, "product": settings.NAME}
        subject, text = (render_to_string(f"runners/email/token_ends_{part}.txt", said) for part in PARTS)
        try:
            send_mail(subject.strip(), text, None, [one.user.email])
        except OSError as error:
            log.warning("mail_lost", org=org.pk, error=type(error).__name__)
