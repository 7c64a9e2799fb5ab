"""Billing: prices, quotes, wallets, limits, and the ledger, the only writer of balances."""
