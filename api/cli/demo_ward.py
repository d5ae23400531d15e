"""A throw-away ward: the shipped site file with wires, ports and people of one run. Nothing of it outlives its folder."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path

from api.cli.demo_people import PEOPLE, SERVICE, TERMINAL
from drivers.faults import Refused
from sites.check import WARD, Report, check

PIN_DIGITS = 6
IDLE_S = 3600
"""In the shipped ward a session untouched for three minutes ends; whoever reads the demo's lines in peace needs longer."""


@dataclass(slots=True)
class Ward:
    """One run's ward. `pins` by person."""

    folder: Path
    listen: str
    control: str
    report: Report
    pins: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> Path:
        """The site file of this run."""
        return self.folder / "ward.toml"

    @property
    def state(self) -> Path:
        """Where the ledger stands."""
        return self.folder / "state"


def lay_out(folder: Path, listen: str) -> Ward:
    """Copies the shipped ward into `folder`, its pseudo-terminals under it and its Modbus board on a port that is free."""
    text = WARD.read_text(encoding="utf-8").replace("serial:/tmp/galenic-ward/", f"serial:{folder}/wires/")
    text = text.replace("tcp://127.0.0.1:5020", f"tcp://{free(5020)}")
    text = re.sub(r"^idle_s = \d+$", f"idle_s = {IDLE_S}", text, flags=re.MULTILINE)
    (folder / "ward.toml").write_text(text, encoding="utf-8")
    shutil.copytree(WARD.parent / "ward", folder / "ward")
    return Ward(folder, listen, free(8081), check(folder / "ward.toml"))


def free(port: int) -> str:
    """A loopback address that nobody listens at and no other demo has chosen: this port, or another where it is taken."""
    for tried in (port, 0):
        with socket.socket() as ear:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                ear.bind(("127.0.0.1", tried))
                _claim(found := ear.getsockname()[1])
            except OSError:
                continue
            return f"127.0.0.1:{found}"
    raise OSError("no port is free")  # pragma: no cover - then nothing on this machine works


def _claim(port: int) -> None:
    """Keeps other demos off this port for as long as this process lives. Raises OSError if one of them was first.

    Our programs listen there only seconds from now: two demos begun together would both find it free.
    """
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0galenic-demo-{port}")
    except OSError:
        claim.close()
        raise
    claim.detach()


async def people(ward: Ward) -> None:
    """Makes this run's people, with PINs nobody has chosen; enrols one terminal; lets one program push.

    What the printed `curl` lines need lies beside the site file, readable by its owner alone, as `curl -H @file` reads it.
    """
    from api.serve import opened
    from controller.policy.roles import RIGHTS, Role

    async with opened(ward.report, ward.state) as disk:
        for id_, name, role in PEOPLE:
            while id_ not in ward.pins:
                pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
                try:
                    await disk.people.add_person(id_, name, [Role(role)], pin, "demo")
                except Refused as weak:
                    if weak.code != "pin-weak":
                        raise
                else:
                    ward.pins[id_] = pin
        terminal = await disk.people.enrol_terminal(TERMINAL, "demo")
        token = await disk.people.add_service(SERVICE, "Pharmacy system", RIGHTS[Role.SERVICE_ACCOUNT], "demo")
    keep(ward.folder / TERMINAL, f"Galenic-Terminal: {terminal}\n")
    keep(ward.folder / SERVICE, f"Authorization: Bearer {token}\n")
    for id_, pin in ward.pins.items():
        keep(ward.folder / f"{id_}.json", json.dumps({"who": id_, "pin": pin}) + "\n")


def keep(path: Path, text: str) -> None:
    """Writes a file for its owner alone."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
