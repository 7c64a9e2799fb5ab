"""Texts to translate: read out of the source, checked for ones that are not marked, and stretched as other languages
stretch them."""
