"""Servers: apps that a team deploys on a VM each. reconcile.py is the front, lifecycle.py the life of such
a VM, runs.py what runs on it."""
