"""Items, doses, lots: their arithmetic and their one written form."""
