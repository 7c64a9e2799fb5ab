"""What other services ask for a minute: peers.py knows how they count, current.py has the prices that are shown."""
