"""The long campaigns of `docs/proof.md`: `make proof` runs each in full, `make test` a sample of each."""
