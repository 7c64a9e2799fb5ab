"""Celery tasks: each loads a row, calls one function, and nudges what comes next. Arguments are ids. Each file's tasks
have a queue of their own (tfci/celery.py); Beat runs those of due.py itself (tfci/core/processes/schedule.py)."""

from runners.tasks import due, forge_calls, reconciliation, scale_set_polls, upkeep, vm_steps

__all__ = ["due", "forge_calls", "scale_set_polls", "reconciliation", "upkeep", "vm_steps"]
