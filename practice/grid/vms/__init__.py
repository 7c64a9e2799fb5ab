"""Machines of the local grid: virtual machines on this host, by QEMU. No root is needed to run them."""
