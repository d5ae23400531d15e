"""The sentences, in every language."""
