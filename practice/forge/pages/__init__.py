"""Pages for people: what the practice forge shows in a browser."""
