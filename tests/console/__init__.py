"""The console in a real browser, against a running daemon and running simulators; hands are the simulators' control API."""
