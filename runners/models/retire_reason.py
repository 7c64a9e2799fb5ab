"""Why a VM must go, where code decides by it. Its sentence stands in VM.retire_why."""

from django.db import models


class RetireReason(models.TextChoices):
    """Empty for every other wish."""

    BALANCE_SPENT = "balance_spent", "the team’s balance is used up"


SHUT_DOWN = ("killed", "stopped")  # what an agent says of an engine whose VM was removed under it
