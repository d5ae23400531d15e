"""`galenic`: the command line."""
