"""Where VMs run: ports.py says what is asked of a grid, registry.py chooses the driver."""
