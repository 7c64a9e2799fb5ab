"""Pools as tfrobot files, and back; exchange.py is the front."""
