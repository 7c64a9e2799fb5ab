"""Pools: what they want of VMs and when; reconcile.py is the front, planner.py decides."""
