"""The door for messages: each loads a row, calls one function, and nudges who comes next. Arguments are ids. A file's
name is its tasks' queue; those of due.py beat does by itself (tfci/core/processes/schedule.py)."""

from runners.tasks import act, ask, decide, due, hear, upkeep

__all__ = ["act", "ask", "decide", "due", "hear", "upkeep"]
