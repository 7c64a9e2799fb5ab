"""One more chain account of the operator, by its words from standard input."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing import accounts
from tfci.grid.ports import GridError
from tfci.management.words import read_words


class Command(BaseCommand):
    help = "Add a chain account that pays for VMs. Its mnemonic is read from standard input, never from an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("twin", type=int, help="the account's number on the grid")

    def handle(self, *args: object, twin: int, **options: Any) -> None:
        try:
            holds = accounts.add(twin, read_words(), "the server's console", timezone.now())
        except (accounts.AccountKnown, GridError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Account {twin} is active. Its balance is {holds} TFT.")
