"""Pages and lists over a million jobs: rows.py makes the rows, visits.py times each page, pages.py starts it."""
