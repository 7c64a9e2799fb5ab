"""How amounts, times and states look in templates."""
