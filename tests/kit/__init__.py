"""What tests share: virtual time, in-memory wires, a disk that loses power, a whole simulated station."""
