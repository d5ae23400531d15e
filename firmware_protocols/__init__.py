"""Bytes: one folder per protocol, pure codecs with golden vectors. No I/O, no asyncio, no clock, nothing of ours."""
