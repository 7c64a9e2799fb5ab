"""GitHub Apps: the operator's own, where they are installed, and their clients."""
