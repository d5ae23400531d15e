"""A small site with belts as text: an entry, a diverter between a lane and the way to packing, and a reader before it."""

from __future__ import annotations

SITE = """\
[station]
id = "s-1"
name = "Small belts"
simulated = true

[links.belt-a]
url = "tcp://127.0.0.1:5031"
protocol = "modbus-tcp"

[links.belt-b]
url = "tcp://127.0.0.1:5032"
protocol = "modbus-tcp"

[links.gates]
url = "tcp://127.0.0.1:5033"
protocol = "modbus-tcp"

[links.eyes]
url = "tcp://127.0.0.1:5034"
protocol = "scanner-lines"

[[boards]]
id = "relays"
driver = "waveshare-relay-d"
link = "gates"

[[scanners]]
id = "camera"
driver = "scanner-lines"
link = "eyes"

[[conveyors]]
id = "module-a"
driver = "conveylinx"
link = "belt-a"
zones = [
    { id = "in", side = "upstream", length_mm = 700, to = "fork", entry_per_hour = 1200 },
    { id = "fork", side = "downstream", length_mm = 700, to = "pack" },
]

[[conveyors]]
id = "module-b"
driver = "conveylinx"
link = "belt-b"
zones = [
    { id = "pack", side = "upstream", length_mm = 700, exit_per_hour = 1300 },
    { id = "lane", side = "downstream", length_mm = 700, exit_per_hour = 300 },
]

[[diverters]]
id = "gate"
driver = "relay-gate"
board = "relays"
channel = 1
zone = "fork"
at_mm = 200
other = "lane"
other_per_hour = 300

[[readers]]
id = "reader"
scanner = "camera"
zone = "in"
at_mm = 300
decides = "gate"
"""
