"""Doors for people: their teams, members, tokens, audit log and profile."""
