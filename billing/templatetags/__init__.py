"""How money reads on pages, where more than one amount stands in a sentence."""
