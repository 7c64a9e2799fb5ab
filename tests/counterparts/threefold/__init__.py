"""ThreeFold's grid for tests, over real sockets: a chain's node (JSON-RPC on a websocket), the proxy that reads
from it, nodes that take deployments, and the programs `tfcmd` and `tfrobot` that deploy on them.

Strict as the real ones, and with their weaknesses: one act of an account at a time, blocks, a proxy that falls
behind, an atomic batch, programs that fail after they have deployed. Sources: threefoldtech/tfchain,
threefoldtech/tfgrid-sdk-go.
"""
