"""Check that the ledger adds up, entry by entry."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from runners.metering import verification
from tfci.core.formatting import plural


class Command(BaseCommand):
    help = "Compare the whole ledger with the balances and with the VMs that it charges; fails where they differ."

    def handle(self, *args: object, **options: Any) -> None:
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
        if findings.count:
            sys.exit(1)
