"""Code hosts: ports.py says what is asked of one, registry.py what each kind can do."""
