"""The twin's page: what it shows is the plant's truth, and what it does is done by the control API."""
