"""Register and coil maps of Modbus devices, as data: one module and one file of golden frames per device.

A map says names, wire addresses (0 is the first), values and units; it speaks no Modbus. `drivers/modbus.py` does, with
pymodbus, and `simulators/modbus_device.py`, with our own; the golden frames hold both to the maker's paper.
"""
