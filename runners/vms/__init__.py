"""VMs: placement, order, life and end; lifecycle.py is the front and decides the next state."""
