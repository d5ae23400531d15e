"""The checker: `galenic check` and the daemon's start are this one function. All errors at once, each with its place.

It opens no port, and says so: what is right here may still not answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from sites import data
from sites.belts import check_belts
from sites.geometry import check_places
from sites.line_check import check_line
from sites.loading_check import check_loading
from sites.models import Site
from sites.outward_check import check_outward, check_partners
from sites.packs import Packs, RackPacks
from sites.packs_check import check_packs
from sites.reach import check_gantries
from sites.reading import Finding, TomlFile, text
from sites.references import check_names, check_unused
from sites.shelf import Beside, check_shelf
from sites.terminals_check import check_terminals
from sites.wiring import check_wiring

WARD = Path(__file__).parent / "ward.toml"
"""The simulated ward that runs as it is."""

NOT_CHECKED = (
    "no port was opened and no device was asked who it is",
    "whether each switch is wired as the file says",
    "whether brokers and webhooks answer, and what they ask to be shown",
    "whether this machine has the room and the rights to write its ledger",
)
REST_OF_FILE = "what stands after the first mistake in a file that is no TOML"

Rows = TypeVar("Rows", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Report:
    """What a site file says. `site` is None while there is an error."""

    site: Site | None
    data: data.SiteData
    packs: tuple[RackPacks, ...]
    """What stands in simulated robots; no station is told."""
    findings: tuple[Finding, ...]
    """In the order of the files and their lines."""
    not_checked: tuple[str, ...] = NOT_CHECKED

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is legal but unwise."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")


def check(path: Path) -> Report:
    """Reads a site file and the data beside it, and finds everything that is wrong with them. Raises nothing."""
    file = TomlFile(path)
    site = file.read(Site)
    beside = _beside(file)
    read = data.SiteData(
        items=_rows(beside.formulary, data.Formulary, "items"),
        patients=_rows(beside.patients, data.Patients, "patients"),
        orders=_rows(beside.orders, data.Orders, "orders"),
        lots=_rows(beside.stock, data.Stock, "lots"),
    )
    packs: tuple[RackPacks, ...] = _rows(beside.packs, Packs, "packs")
    if file.readable:
        check_names(file)
        check_terminals(file)
        check_wiring(file)
        check_belts(file, site)
        check_gantries(file)
        check_loading(file)
        check_unused(file)
        check_outward(file)
        check_partners(file)
        check_shelf(file, site, beside)
        if beside.packs is not None:
            check_packs(beside.packs, packs, file, site, beside.formulary)
        check_line(file, site)
    if site is not None:
        check_places(file, site)
    files = (file, *beside.all())
    findings = tuple(finding for one in files for finding in sorted(one.findings, key=lambda found: (found.line, found.column)))
    unread = () if all(one.readable for one in files) else (REST_OF_FILE,)
    wrong = any(finding.severity == "error" for finding in findings)
    return Report(None if wrong else site, read, packs, findings, (*NOT_CHECKED, *unread))


def _beside(file: TomlFile) -> Beside:
    """The data files that the site file names, looked for beside it."""
    named = {key: text(file.table, "data", key) for key in data.FILES}
    return Beside(**{key: TomlFile(file.path.parent / name) for key, name in named.items() if name is not None})


def _rows(file: TomlFile | None, model: type[Rows], key: str) -> Any:
    read = None if file is None else file.read(model)
    return () if read is None else getattr(read, key)
