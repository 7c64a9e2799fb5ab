"""Gitea's REST API below /api/v1: one resource a file, all behind one door."""
