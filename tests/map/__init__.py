"""The map of the source, made from the source: `make map`."""
