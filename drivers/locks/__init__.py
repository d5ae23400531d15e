"""One file per lock board."""
