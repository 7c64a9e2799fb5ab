"""Monthly statements: their pages, CSV and PDF, all of the rows of billing/statements.py."""
