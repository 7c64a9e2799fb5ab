"""Why things are as they are: codes with typed parameters, and their sentences. Pure; decisions use codes alone.

nodes.py: why a node is not used for a VM. waits.py: why a queued job has no VM, or is refused one.
connections.py and deliveries.py: how well Farmhand hears of a connection's jobs. catalogue.py: all of
them, by code.
"""
