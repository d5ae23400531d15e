"""The far end of every wire: plants that know the truth, boards that speak the device's side of a protocol."""
