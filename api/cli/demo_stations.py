"""A throw-away pharmacy and the stations its totes go to: copies of site files with the wires, ports, keys and people of one run.

Each station has a folder of its own; nothing of it outlives the folder they are in."""

from __future__ import annotations

import asyncio
import re
import shutil
import tomllib
from pathlib import Path
from types import MappingProxyType

from api.cli.demo_people import STOCKING
from api.cli.demo_ward import IDLE_S, Run, free, keep, people
from sites.check import check
from sites.data import FILES
from sites.models import Site
from sites.reading import TomlFile, text

DESK, SCREEN, RX = "desk", "screen", "rx"
"""The pharmacy's terminal, and its programs: what shows the run, and what pushes lists."""
SEES = ("see-station", "see-stock", "see-pick-lists")
SCREENED = MappingProxyType({SCREEN: SEES})
LOOPBACK = r"(127\.0\.0\.1|localhost)"


def others(site: Site, folder: Path) -> dict[str, Path]:
    """The site files of a station's partners, by station, among those that lie beside its own. Raises KeyError where one lacks."""
    beside: dict[str | None, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        beside[text(TomlFile(path).table, "station", "id")] = path
    return {partner.id: beside[partner.id] for partner in site.partners}


def lay_out(folder: Path, site: Path, listen: str) -> list[Run]:
    """Copies a station and its partners into `folder`; the station first. They know each other's addresses and keys.

    Raises KeyError for a partner whose site file does not lie beside this one.
    """
    from api.webhook_keys import Keys
    from controller.clock import Clock

    shipped = check(site)
    assert shipped.site is not None  # noqa: S101 - for the types; the caller has looked
    home = shipped.site.station.id
    found = others(shipped.site, site.parent)
    listens = {id: free(8090 + number) for number, id in enumerate(found)}
    keys = {}
    for id, path in found.items():
        hook = f"http://{listen}/v1/partners/{id}/events"
        keys[id] = Keys(folder / id / "state" / "webhooks" / f"{home}.keys", ("v1a",), Clock()).public()
        _copy(path, folder / id, _told_of(home, hook))
    written = _copy(site, folder / home, "")
    for partner in shipped.site.partners:
        public = ", ".join(f'"{key}"' for key in keys[partner.id])
        mine = f'url = "http://{listens[partner.id]}"\nkeys = [{public}]'
        written = written.replace(f'url = "{partner.url}"', mine)
    (folder / home / site.name).write_text(written, encoding="utf-8")
    paths = {home: (site, listen), **{id: (found[id], at) for id, at in listens.items()}}
    return [
        Run(folder / id, at, free(8081 + number), check(folder / id / path.name), path.stem)
        for number, (id, (path, at)) in enumerate(paths.items())
    ]


async def staff(runs: list[Run], home: str) -> None:
    """People, terminals and programs of all; each partner's API has an account for `home`, whose courier has its token."""
    station, *partners = runs
    await asyncio.gather(
        people(station, DESK, {RX: (), **SCREENED}, STOCKING),
        *(people(partner, services={home: (), **SCREENED}, who=STOCKING) for partner in partners),
    )
    for partner in partners:
        token = (partner.folder / home).read_text(encoding="utf-8").partition("Bearer ")[2]
        tokens = station.state / "partners"
        tokens.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep(tokens / f"{partner.folder.name}.token", token)


def _copy(site: Path, folder: Path, more: str) -> str:
    """The site file with its data, its pseudo-terminals under `folder` and its ports free ones; what was written."""
    written = site.read_text(encoding="utf-8")
    written = re.sub(r'^(url = "serial:)[^"?]*/([^"?/]+)', rf"\1{folder}/wires/\2", written, flags=re.MULTILINE)
    written = re.sub(rf'^(url = "tcp://){LOOPBACK}:([0-9]+)', lambda url: url[1] + free(int(url[3])), written, flags=re.MULTILINE)
    written = re.sub(r"^idle_s = \d+$", f"idle_s = {IDLE_S}", written, flags=re.MULTILINE) + more
    data = tomllib.loads(written).get("data", {})
    for name in {data[key] for key in FILES if key in data}:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(site.parent / name, folder / name)
    (folder / site.name).write_text(written, encoding="utf-8")
    return written


def _told_of(home: str, hook: str) -> str:
    """What a partner's site file says besides: receipts go to `home`, as signed webhooks."""
    return f"""
[outward]
hosts = ["127.0.0.1"]
consumers = [{{ id = "{home}", service = "{home}" }}]

[[outward.webhooks]]
id = "{home}"
consumer = "{home}"
url = "{hook}"
plain = true
events = ["tote.received"]
"""
