"""Make a person an operator of this installation, or no operator any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import User


class Command(BaseCommand):
    help = "Give a user access to the operator's pages of all teams. The user must have signed up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--remove", action="store_true", help="remove the access")

    @transaction.atomic
    def handle(self, *args: object, email: str, remove: bool, **options: Any) -> None:
        if not User.objects.filter(email=email.lower()).update(is_staff=not remove):
            raise CommandError(f"No user has signed up with {email}.")
        after = {"operator": not remove}
        audit.record(
            None,
            "the server's console",
            Action.OPERATOR_CHANGED,
            email.lower(),
            after=after,
            at=timezone.now(),
        )
        self.stdout.write(f"{email} is {'no operator any more' if remove else 'an operator now'}.")
