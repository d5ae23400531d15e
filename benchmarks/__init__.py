"""What is measured: ours beside a floor, in one run. Run with `make bench`; absolute times mean nothing here, ratios do."""
