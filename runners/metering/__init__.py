"""A VM's time by use, and what each use is charged; charges.py is the front."""
