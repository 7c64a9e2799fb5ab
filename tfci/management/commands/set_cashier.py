"""The account that takes TFT in, by its words from standard input."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing.cashier import cashiers
from tfci.grid.ports import GridError
from tfci.management.words import read_words


class Command(BaseCommand):
    help = (
        "Set the chain account that takes in what teams pay. Its mnemonic is read from standard input, never from an"
        " argument."
    )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            holds = cashiers.open_cashier(read_words(), "the server's console", timezone.now())
        except (cashiers.CashierKnown, GridError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The cashier is active. It holds {holds} TFT.")
