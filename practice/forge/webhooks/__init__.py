"""Webhooks: subscriptions (hooks), queued deliveries (announce), and their sending (postman)."""
