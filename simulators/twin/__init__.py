"""The twin: a page on which anybody plays the physical side of a simulated site. It shows the plant's truth and the bytes on the
wires, and knows nothing of any ledger. Every act of it is a request to the control API."""
