"""Webhooks: who wants to hear of what (hooks), what is written for them (announce), and who sends it (postman)."""
