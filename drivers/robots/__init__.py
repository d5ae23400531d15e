"""Storage and picking robots."""
