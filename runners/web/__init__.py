"""Doors for people, scripts, forges and agents."""
