"""A simulated year of 50 teams: how fast the spend pages and `verify` are. year.py makes the rows, visits.py measures,
__main__.py starts it."""
