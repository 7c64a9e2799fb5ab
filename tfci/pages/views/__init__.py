"""Doors for everybody, signed in or not: one page a file."""
