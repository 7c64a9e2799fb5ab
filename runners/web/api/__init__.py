"""The door for scripts: REST, one resource a file. v1.py puts them together; docs/api.md is the manual."""
