"""What is asked of a forge: one protocol for each thing that it may be able to do."""
