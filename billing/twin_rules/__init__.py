"""Rules about a team's own twin: whether its words and its account will do, and what it still covers. Pure."""
