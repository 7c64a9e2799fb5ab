"""Forgejo's dialect, where it differs from Gitea's; client.py is its front."""
