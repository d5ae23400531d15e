"""The REST face, over a whole simulated station in virtual time."""
