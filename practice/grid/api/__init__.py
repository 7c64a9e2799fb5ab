"""The grid's HTTP API, one file for each kind of caller."""
