"""The practice-only control API: door.py has its routes, fault_injection.py the faults."""
