"""Check that the ledger adds up, entry by entry."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing import chain_bills, wallets
from runners.metering import bill_comparison, verification
from tfci.core.formatting import plural
from tfci.core.tft import Tft
from tfci.grid.ports import GridError


class Command(BaseCommand):
    help = "Compare the whole ledger with balances, VMs and the chain's bills; fails where they differ."

    def handle(self, *args: object, **options: Any) -> None:
        for twin_id in wallets.twins():
            try:
                chain_bills.read(twin_id)
            except GridError as error:
                self.stderr.write(f"The chain’s newest bills were not read: {error}")
        findings = verification.verify(timezone.now())
        entries, differences = (
            plural(findings.entries, "entry", "entries"),
            plural(findings.count, "difference"),
        )
        self.stdout.write(f"{entries}, {differences}")
        for one in findings.differences:
            self.stdout.write(f"\n{one.cause}: {one.count}. {one.text}")
            for example in one.examples:
                self.stdout.write(f"  {example.about}: {example.found} instead of {example.expected} TFT")
        if bills := findings.bills:
            self.stdout.write(
                f"\nBilled by the chain: {Tft(bills['billed'])} TFT, charged: {Tft(bills['charged'])} TFT"
            )
            for cause, name in bill_comparison.CAUSES.items():
                self.stdout.write(f"  {name}: {Tft(bills[cause])} TFT")
        if findings.count:
            sys.exit(1)
