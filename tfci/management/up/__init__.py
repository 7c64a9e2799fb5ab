"""The whole product on one machine: `make run` is `python -m tfci.management.up`.

No Django command, for Django can only start when there is an environment, and this makes one.
"""
