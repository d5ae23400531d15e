"""The console: the station for fingers. Pages rendered here, kept fresh over one stream each, with no state of their own."""
