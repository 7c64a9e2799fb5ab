"""`make run`, and the commands for operators."""
