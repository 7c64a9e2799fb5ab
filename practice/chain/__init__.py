"""A pure model of ThreeFold's chain: no clock, no socket, no file, no key.

An account's acts, and notices of the world around, wait in a pool; `seal` makes a block of them and finality follows.
The front is tree.py (`Chain`); blocks.py makes a block, dispatch.py leads to the rules, a file for each pallet. The
simulated grid and the counterpart of the tests both run on it. Source: threefoldtech/tfchain, runtime 152 and later.
"""
