"""One file per kind of barcode scanner."""
