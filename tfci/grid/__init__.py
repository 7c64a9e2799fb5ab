"""Where VMs run: ports.py has the interface of a grid, registry.py chooses the driver."""
