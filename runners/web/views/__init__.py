"""Doors for people: one family of pages a file. What they gather from several apps is shown by templates/runners."""
