"""Pages of connections to forges, and of the first steps with one."""
