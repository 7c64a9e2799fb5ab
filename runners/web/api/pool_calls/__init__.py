"""What scripts ask of a pool besides reading and changing it: advice on sizes, dry runs, tfrobot files."""
