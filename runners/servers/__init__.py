"""Apps that a team deploys on a VM of their own; reconcile.py is the front."""
