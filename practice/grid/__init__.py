"""The simulated grid: nodes, chain, prices, clock and faults are simulated, machines are real processes.

A stranger that ships with Farmhand: it runs as its own process, keeps its own journal and
imports nothing of ours. README.md beside this file says how to start it and what it answers.
"""
