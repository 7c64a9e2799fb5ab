"""Foundations without a word of the product: HTTP client, secrets, amounts, lists, limits, processes."""
