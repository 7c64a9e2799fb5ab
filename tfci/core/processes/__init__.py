"""Beat, workers and servers as processes: their start, sessions and signs of life."""
