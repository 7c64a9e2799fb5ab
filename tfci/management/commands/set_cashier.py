"""The account that takes TFT in, by its words from standard input."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.cashier import cashiers
from tfci.grid.ports import GridError
from tfci.management.words import read_words

WHO = "the server's console"
REPLACED = {
    cashiers.CashierChange.WORDS: "The mnemonic of the cashier is stored again, with the newest key.",
    cashiers.CashierChange.ACCOUNT: "The cashier is replaced. Its deposit addresses are created now.",
}


class Command(BaseCommand):
    help = (
        "Set the chain account that takes in what teams pay. Its mnemonic is read from standard input, never from an"
        " argument."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--replace", action="store_true", help="replace the cashier that there is")

    def handle(self, *args: object, **options: Any) -> None:
        words, now = read_words(), timezone.now()
        try:
            if options["replace"]:
                self.stdout.write(REPLACED[cashiers.replace(words, WHO, now)])
            else:
                holds = cashiers.open_cashier(words, WHO, now)
                self.stdout.write(f"The cashier is active. It holds {holds} TFT.")
        except cashiers.NoCashier:
            raise CommandError("There is no cashier to replace. Leave out --replace.") from None
        except (cashiers.CashierKnown, GridError) as error:
            raise CommandError(str(error)) from None
