"""Gantries: heads on axes that fetch packs."""
