"""What follows from a change (effects), and the messages that wake its workers (nudges)."""
