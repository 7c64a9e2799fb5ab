"""The money: prices, quotes, wallets, limits, and the ledger, which is its one door."""
