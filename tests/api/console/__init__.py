"""The console, in a real browser and without one."""
