"""A throw-away ward: the shipped site file with wires, ports and people of one run. Nothing of it outlives its folder."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.cli.demo_people import PEOPLE, SERVICES, TERMINAL, Somebody
from drivers.faults import Refused
from sites.check import WARD, Report, check

PIN_DIGITS, BADGE_DIGITS = 6, 10
OTHERS, BELOW = 100, range(20_000, 32_000)
"""So many other ports are tried, among those that the system gives to no outgoing connection: seconds go by until ours listens."""
IDLE_S = 3600
"""In the shipped ward a session untouched for three minutes ends; whoever reads the demo's lines in peace needs longer."""


@dataclass(slots=True)
class Run:
    """One station of one run. `pins` by person."""

    folder: Path
    listen: str
    control: str
    report: Report
    name: str = "ward"
    """Of its site file."""
    badges: dict[str, str] = field(default_factory=dict)
    """What a reader reads of each person's badge."""
    credential: str = ""
    """Of the terminal that was enrolled for this run."""
    pins: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> Path:
        """The site file of this run."""
        return self.folder / f"{self.name}.toml"

    @property
    def state(self) -> Path:
        """Where the ledger stands."""
        return self.folder / "state"


def lay_out(folder: Path, listen: str) -> Run:
    """Copies the shipped ward into `folder`, its pseudo-terminals under it and its Modbus board on a port that is free."""
    text = WARD.read_text(encoding="utf-8").replace("serial:/tmp/galenic-ward/", f"serial:{folder}/wires/")
    text = text.replace("tcp://127.0.0.1:5020", f"tcp://{free(5020)}")
    text = re.sub(r"^idle_s = \d+$", f"idle_s = {IDLE_S}", text, flags=re.MULTILINE)
    (folder / "ward.toml").write_text(text, encoding="utf-8")
    shutil.copytree(WARD.parent / "ward", folder / "ward")
    return Run(folder, listen, free(8081), check(folder / "ward.toml"))


def free(port: int) -> str:
    """A loopback address that nobody listens at and no other demo has chosen: this port, or another where it is taken."""
    for tried in (*([port] if port else []), *secrets.SystemRandom().sample(BELOW, OTHERS)):
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


async def people(
    run: Run, terminal: str = TERMINAL, services: Mapping[str, Sequence[str]] = SERVICES, who: Sequence[Somebody] = PEOPLE
) -> None:
    """Makes this run's people, with PINs nobody has chosen; enrols one terminal; gives programs the rights said of them.

    What the printed `curl` lines need lies beside the site file, readable by its owner alone, as `curl -H @file` reads it.
    """
    from api.state import opened
    from controller.policy.roles import RIGHTS, Right, Role

    async with opened(run.report, run.state) as disk:
        for id_, name, role in who:
            while id_ not in run.pins:
                pin, badge = _digits(PIN_DIGITS), _digits(BADGE_DIGITS)
                try:
                    await disk.people.add_person(id_, name, [Role(role)], pin, "demo", badge=badge)
                except Refused as weak:
                    if weak.code != "pin-weak":
                        raise
                else:
                    run.pins[id_], run.badges[id_] = pin, badge
        secret = run.credential = await disk.people.enrol_terminal(terminal, "demo")
        for service, rights in services.items():
            wanted = [Right(right) for right in rights] or RIGHTS[Role.SERVICE_ACCOUNT]
            token = await disk.people.add_service(service, f"{service.capitalize()} system", wanted, "demo")
            keep(run.folder / service, f"Authorization: Bearer {token}\n")
    keep(run.folder / terminal, f"Galenic-Terminal: {secret}\n")
    for id_, pin in run.pins.items():
        keep(run.folder / f"{id_}.json", json.dumps({"who": id_, "pin": pin}) + "\n")


def _digits(number: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(number))


def keep(path: Path, text: str) -> None:
    """Writes a file for its owner alone."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
