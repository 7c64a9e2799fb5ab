"""Forges: ports/ has their interface, registry.py what each kind can do."""
