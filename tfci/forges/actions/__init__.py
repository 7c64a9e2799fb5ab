"""What Gitea, Forgejo and GitHub have in common."""
