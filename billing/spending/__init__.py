"""What a team means to spend: its own limits, the forecast, and the alerts about both; limit.py has the rule."""
