"""A small whole site as text, and what the checker says of it once it has been edited."""

from __future__ import annotations

from pathlib import Path

from sites.check import Report, check
from sites.reading import Finding

SITE = """\
[station]
id = "s-1"
name = "Small site"
simulated = true

[links.bus]
url = "serial:/dev/serial/by-id/usb-bus?baud=19200"
protocol = "kerong-cu16"

[links.relays]
url = "tcp://127.0.0.1:5020"
protocol = "modbus-tcp"

[links.pan]
url = "serial:/dev/serial/by-id/usb-pan"
protocol = "mt-sics"

[links.gun]
url = "serial:/dev/serial/by-id/usb-gun"
protocol = "scanner-lines"

[[boards]]
id = "locks"
driver = "kerong-cu16"
link = "bus"
address = 0

[[boards]]
id = "relay"
driver = "waveshare-relay-d"
link = "relays"

[[scales]]
id = "scale"
driver = "mt-sics"
link = "pan"

[[scanners]]
id = "scanner"
driver = "scanner-lines"
link = "gun"

[[terminals]]
id = "desk"
name = "Desk"
scanner = "scanner"
scale = "scale"

[[cabinets]]
id = "C-1"
name = "Cabinet"
width_mm = 600
height_mm = 400

[data]
formulary = "formulary.toml"
patients = "patients.toml"
orders = "orders.toml"
stock = "stock.toml"

[policy]
idle_s = 60

[[drawers]]
id = "D-1"
cabinet = "C-1"
lock = { board = "locks", channel = 1 }
place = { x_mm = 0, y_mm = 0, width_mm = 300, height_mm = 200 }
pockets = [
    { id = "D-1-1", item = "senna-8", capacity = 20, par = 10, place = { x_mm = 0, y_mm = 0, width_mm = 50, height_mm = 400 } },
    { id = "D-1-2", capacity = 20, place = { x_mm = 50, y_mm = 0, width_mm = 50, height_mm = 400 } },
]

[[drawers]]
id = "D-2"
cabinet = "C-1"
lock = { board = "relay", channel = 1 }
place = { x_mm = 300, y_mm = 0, width_mm = 300, height_mm = 200 }
pockets = [{ id = "D-2-1", item = "morphine-10", capacity = 20 }]
"""
FORMULARY = """\
[[items]]
id = "senna-8"
name = "senna"
strength = { value = "8.6", unit = "mg" }
form = "tablet"
unit = "tablet"
gtins = ["00399001100018"]

[[items]]
id = "morphine-10"
name = "morphine"
strength = { value = "10", unit = "mg" }
form = "solution"
unit = "vial"
class = "CII"
gtins = ["00399001101015"]
"""
PATIENTS = """\
[[patients]]
id = "P-1"
mrn = "1"
family = "Doe"
given = "Jo"
born = 1950-01-01
area = "ward"

[[patients]]
id = "P-2"
mrn = "2"
family = "Roe"
given = "Al"
born = 1950-01-02
area = "ward"
"""
ORDERS = """\
[[orders]]
id = "O-1"
patient = "P-1"
item = "senna-8"
dose = { value = "17.2", unit = "mg" }
state = "verified"
schedule = { kind = "prn" }
filler = "RX1"

[[orders]]
id = "O-2"
patient = "P-2"
item = "morphine-10"
dose = { value = "1", unit = "vial" }
state = "verified"
schedule = { kind = "scheduled", due = 2026-01-05T08:00:00Z }
filler = "RX2"
"""
STOCK = """\
[[lots]]
pocket = "D-1-1"
lot = "L1"
expiry = 2031-01-31
quantity = 12

[[lots]]
pocket = "D-2-1"
lot = "L2"
expiry = 2031-01-31
quantity = 5
"""
FILES = {"site": SITE, "formulary": FORMULARY, "patients": PATIENTS, "orders": ORDERS, "stock": STOCK}


def written(folder: Path, **texts: str) -> Path:
    """The small site on disk, with these texts in place of its own."""
    for name, text in {**FILES, **texts}.items():
        folder.joinpath(f"{name}.toml").write_text(text, encoding="utf-8")
    return folder / "site.toml"


def checked(folder: Path, **texts: str) -> Report:
    """What the checker says of it."""
    return check(written(folder, **texts))


def stands_at(finding: Finding) -> str:
    """The text at the finding's line and column, to the end of the line."""
    return Path(finding.file).read_text(encoding="utf-8").splitlines()[finding.line - 1][finding.column - 1 :]
