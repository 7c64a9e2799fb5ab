"""Door: who runs this installation. One page a file; all others get 404."""
