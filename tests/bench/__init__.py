"""`make bench`: how fast the whole product is, started as `make run` starts it, phase by phase.

The product, its engines (fsync on), Caddy and the practice forge are real programs on real sockets; grid and chain
are simulated, and so is the time that a block takes. Deliveries are Gitea's own, as recorded, signed anew. This
process is the sender: it shares the processors with all of them. So compare what was measured in turns in one run.

Two clocks, one VM: the sender's own, and the times in the product's rows, both `time.time()`. What is
"committed" is what another connection has seen, looked for every LOOK seconds: never earlier than it was.
"""
