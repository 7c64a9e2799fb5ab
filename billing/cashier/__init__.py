"""The operator's chain account that takes TFT in: turn.py is its front, deposits.py reads what teams paid."""
