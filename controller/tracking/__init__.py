"""Where the totes of a line are and which way they go: pure and clock-free. Facts in, events and decisions out (lines.md B)."""
