"""Code hosts: ports/ says what is asked of one, registry.py what each kind can do."""
