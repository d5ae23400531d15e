"""Views: folds of the ledger. The same rows give the same view, bit for bit; nothing here is ever written otherwise."""
