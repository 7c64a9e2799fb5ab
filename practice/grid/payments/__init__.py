"""TFT that moves from account to account: signed acts, and what blocks tell of them."""
