"""Gitea's dialect; client.py is its front."""
