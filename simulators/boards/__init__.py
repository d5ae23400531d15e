"""The device side of each protocol, over a plant."""
