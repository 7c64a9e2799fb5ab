"""The interface of forges: one protocol for each ability."""
