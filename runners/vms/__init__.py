"""VMs: placement, order, life and end; lifecycle.py is the front and the only mover of a VM's state."""
