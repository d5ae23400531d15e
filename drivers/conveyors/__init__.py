"""Belts and the gates that part what comes on them: one file per device."""
