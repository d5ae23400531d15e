"""What people read about Galenic; `generate` makes the pages that can be made from the code."""
