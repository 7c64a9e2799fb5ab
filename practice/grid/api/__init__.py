"""What the grid answers over HTTP, by who asks."""
