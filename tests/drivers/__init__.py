"""Drivers over real and hostile wires."""
