"""python -m tests.bench.readers TEAM COUNT: so many people of the team, signed in; prints their session keys."""

import sys

import django

django.setup()  # before the models

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from tfci.accounts.models import Membership, Role, Team, User  # noqa: E402


def main(slug: str, count: str) -> None:
    team = Team.objects.get(slug=slug)
    for number in range(int(count)):
        user = User.objects.create_user(f"reader{number}@example.org")
        Membership.objects.create(team=team, user=user, role=Role.VIEWER, joined_at=timezone.now())
        client = Client()
        client.force_login(user)
        print(client.cookies[settings.SESSION_COOKIE_NAME].value)


if __name__ == "__main__":
    main(*sys.argv[1:])
