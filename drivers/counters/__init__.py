"""One file per scale or counter."""
