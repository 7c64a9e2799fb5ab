"""Clients of grids: HTTP and processes, no rows. `tfci.grid.registry` chooses one."""
