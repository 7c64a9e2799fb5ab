"""The practice-only control: door.py has its addresses, mischief.py the faults."""
