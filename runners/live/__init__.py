"""Live pages: a change is noted (change_log), found (change_feed) and sent to browsers (events)."""
