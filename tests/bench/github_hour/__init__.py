"""A busy hour at GitHub: busy_github.py is the organization, play.py plays the hour, start.py starts it."""
