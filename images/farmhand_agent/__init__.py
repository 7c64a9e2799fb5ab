"""Farmhand's agent, a job a module. Standard library only; a module is imported where it is first needed."""

VERSION = "1"
