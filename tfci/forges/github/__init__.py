"""GitHub's dialect; client.py is its front, app.py what is asked as a GitHub App."""
