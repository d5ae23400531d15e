"""The site file: one station's links, boards, cabinets, drawers, pockets, terminals and policy, as frozen models.

Daemon and simulators are built from the same models. Units stand in the names. No secret is ever in a site file.
Cross-references and warnings are `sites.check`'s; what one model can refuse by itself stands here.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from sites.conveyors import ConveyorPart, DiverterPart, ReaderPart
from sites.gantry import GrblGantry
from sites.loading import LoadingPlace, PackingPlace
from sites.outward import Outward
from sites.part import Id, Name, Part, Phone
from sites.partners import Partner
from sites.pockets import OpenShelf, Place, Pocket
from sites.robots import Wwks2Robot
from sites.terminals import Terminal


class StationPart(Part):
    """Who this station is."""

    id: Id
    name: Name
    simulated: bool = False
    """True where no real drug is: said in every row of the ledger, and such a ledger is never taken for a real one."""
    area: Id = "ward"
    """Patients of this area are offered at this station."""
    pharmacy_phone: Phone | None = None
    """Where the pharmacy is rung from here: every refusal says it. Without it no number is shown."""


class Link(Part):
    """One wire."""

    url: str
    """`serial:/dev/serial/by-id/…?baud=19200&parity=none&stop=1` (these settings where none are said) or `tcp://host:port`."""
    protocol: Literal["kerong-cu16", "modbus-rtu", "modbus-tcp", "mt-sics", "scanner-lines", "grbl", "wwks2"]
    """What is spoken on it; each device on the link must speak the same."""
    quiet_ms: int = Field(5, ge=0, le=1000)
    """Silence kept between two turns."""
    reply_ms: int = Field(200, ge=10, le=60_000)
    """How long an answer may take."""
    late_ms: int = Field(400, ge=20, le=120_000)
    """After a time-out the line is listened silent this long, and what arrives is dropped. More than `reply_ms`."""


class Cu16BoardPart(Part):
    """KERONG CU16 and family: 16 locks with hook and infrared bits (`firmware_protocols/kerong_cu16`)."""

    channels: ClassVar[int] = 16
    protocols: ClassVar[frozenset[str]] = frozenset({"kerong-cu16"})

    id: Id
    driver: Literal["kerong-cu16"]
    link: Id
    address: int = Field(ge=0, le=9)
    """The address set on the board's switches."""
    answers_unlock: bool = False
    """Whether this board answers an unlock with a status; undocumented, differs by firmware."""
    delay_s: int = Field(0, ge=0, le=250)
    """The unlock delay the board was commissioned with (command 39 cannot be asked back)."""
    pulse_ms: int = Field(550, ge=10, le=60_000)
    """How long the lock is released, as the board was commissioned."""


class WaveshareRelayPart(Part):
    """Waveshare Modbus relay board with eight inputs: four drawers, each a relay and two inputs."""

    channels: ClassVar[int] = 4
    protocols: ClassVar[frozenset[str]] = frozenset({"modbus-rtu", "modbus-tcp"})

    id: Id
    driver: Literal["waveshare-relay-d"]
    link: Id
    unit: int = Field(1, ge=1, le=247)
    """The Modbus unit the board was set to."""
    pulse_ms: int = Field(700, ge=100, le=5000, multiple_of=100)
    """How long the relay is on for one opening."""


Board = Annotated[Cu16BoardPart | WaveshareRelayPart, Field(discriminator="driver")]


class Lock(Part):
    """Which lock of which board holds a drawer, and what its switches are wired to."""

    board: Id
    channel: int = Field(ge=1, le=16)
    """The lock's number on its board, from 1."""
    senses: Literal["latch-and-drawer", "one-switch"] = "latch-and-drawer"
    """`one-switch`: only the latch's own switch exists. Such a drawer has a state table of its own."""
    latched_bit: bool = True
    """The switch's bit when the latch is engaged. A setting of the lock, not of the board family."""
    shut_bit: bool = True
    """The switch's bit when the drawer is shut."""
    rest_ms: int = Field(2000, ge=0, le=60_000)
    """Coil rest after a pulse."""
    relatch_s: float = Field(12, gt=0, le=600)
    """The latch of a drawer that nobody pulled falls back by itself this long after the pulse. One that comes back at
    another time, with no move of the drawer seen, was pushed home by somebody: its outcome is unknown."""


class Limits(Part):
    """How long each step of an opening may take, in seconds (domain B0)."""

    unlock_s: float = Field(2, gt=0, le=60)
    """A latch that has not let go by then did not."""
    open_s: float = Field(15, gt=0, le=600)
    """Released and not pulled for so long is an alarm."""
    ajar_s: float = Field(60, gt=0, le=3600)
    """Open for so long is an alarm."""
    close_s: float = Field(3, gt=0, le=60)
    """Shut and not latched for so long is a fault."""


class Drawer(Part):
    """One drawer behind one lock."""

    id: Id
    cabinet: Id
    lock: Lock
    limits: Limits = Limits()
    refrigerated: bool = False
    place: Place | None = None
    pockets: tuple[Pocket, ...] = Field((), strict=False)


class Cabinet(Part):
    """One steel box."""

    id: Id
    name: Name
    width_mm: int = Field(gt=0, le=10_000)
    height_mm: int = Field(gt=0, le=10_000)


class Scale(Part):
    """A Mettler-Toledo MT-SICS scale as a counter."""

    protocols: ClassVar[frozenset[str]] = frozenset({"mt-sics"})

    id: Id
    driver: Literal["mt-sics"]
    link: Id
    readability_g: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$")] = "0.01"
    """The scale's smallest step in grams, as it stands on its type plate."""


class Scanner(Part):
    """A barcode scanner on a line of its own."""

    protocols: ClassVar[frozenset[str]] = frozenset({"scanner-lines"})

    id: Id
    driver: Literal["scanner-lines"]
    link: Id
    prefix: str = ""
    """What the scanner was set to send before a symbol."""
    suffix: Literal["cr", "crlf", "lf", "tab", "etx"] = "cr"
    group_separator: str = "\x1d"


class Policy(Part):
    """What this site has decided. Each value is recorded with the configuration."""

    idle_s: int = Field(180, ge=15, le=3600)
    """A session without a touch, a scan or its drawer moving is locked after this long, never while a drawer it opened is open."""
    warn_s: int = Field(60, ge=20, le=300)
    """The console counts down so long before that, and one touch is enough to stay."""
    locked_s: int = Field(300, ge=0, le=900)
    """A locked session waits so long for the same person at the same terminal, and then ends; 0: it ends at once. To everybody
    else the terminal is free meanwhile."""
    session_s: int = Field(8 * 3600, ge=60, le=24 * 3600)
    """No session lasts longer, however busy."""
    pin_digits: int | None = Field(None, ge=4, le=8)
    """Every PIN made from now on has so many digits, and the console sends it off with the last one."""
    witness_s: int = Field(120, ge=10, le=900)
    """How long a witness's token is good."""
    early_minutes: int = Field(60, ge=0, le=24 * 60)
    """A scheduled order is offered this long before it is due."""
    count_controlled: Literal["none", "before", "after", "both"] = "after"
    count_by_class: dict[Literal["none", "CII", "CIII", "CIV", "CV"], Literal["none", "before", "after", "both"]] = Field({})
    """Where a class has a rule of its own; `none` is what is not controlled."""
    fresh_days: int = Field(30, ge=0, le=3650)
    """Pick lists take from where it costs least among what expires within so many days of what expires first."""
    stage_hours: int = Field(24, ge=0, le=720)
    """Machines begin with a pick list that says when it is due no earlier than so long before, and put all others first."""
    short_dated_days: int = Field(30, ge=0, le=3650)
    count_wait_s: int = Field(300, ge=10, le=86_400)
    """A pull or count left at its question this long is in doubt."""
    max_open_controlled: Literal[1] = 1
    escalate_charge_s: int = Field(4 * 3600, ge=1)
    escalate_pharmacy_s: int = Field(12 * 3600, ge=1)
    suspected_loss_s: int = Field(72 * 3600, ge=1)
    tote_late_s: int = Field(2 * 3600, ge=1)
    """A tote that left so long ago and is not known to have come is an alarm, and again after each further such time."""
    tote_late_controlled_s: int = Field(30 * 60, ge=1)
    """The same for a tote with something controlled in it."""
    audit_hours: int = Field(24, ge=0, le=366 * 24)
    """So long after its last audit, what an idle robot holds is compared with the books again; 0: only when somebody asks."""


class Data(Part):
    """Data beside the site file, as paths relative to it; read once, when the ledger is new."""

    formulary: str | None = None
    patients: str | None = None
    orders: str | None = None
    stock: str | None = None
    """What a simulated site's pockets hold at the start: the plant's truth and the opening count."""
    packs: str | None = None
    """What a simulated site's robots hold at the start: the plant's truth, which the station learns from the robots."""


class Site(Part):
    """A whole site file."""

    station: StationPart
    links: dict[Id, Link]
    boards: tuple[Board, ...] = Field((), strict=False)
    cabinets: tuple[Cabinet, ...] = Field((), strict=False)
    drawers: tuple[Drawer, ...] = Field((), strict=False)
    shelves: tuple[OpenShelf, ...] = Field((), strict=False)
    scales: tuple[Scale, ...] = Field((), strict=False)
    scanners: tuple[Scanner, ...] = Field((), strict=False)
    conveyors: tuple[ConveyorPart, ...] = Field((), strict=False)
    diverters: tuple[DiverterPart, ...] = Field((), strict=False)
    readers: tuple[ReaderPart, ...] = Field((), strict=False)
    gantries: tuple[GrblGantry, ...] = Field((), strict=False)
    robots: tuple[Wwks2Robot, ...] = Field((), strict=False)
    loading: tuple[LoadingPlace, ...] = Field((), strict=False)
    packing: tuple[PackingPlace, ...] = Field((), strict=False)
    terminals: tuple[Terminal, ...] = Field((), strict=False)
    policy: Policy = Policy()
    data: Data = Data()
    partners: tuple[Partner, ...] = Field((), strict=False)
    outward: Outward = Outward()

    @property
    def tote_places(self) -> frozenset[str]:
        """Where totes stand to be filled or packed."""
        return frozenset({place.id for place in self.loading} | {place.id for place in self.packing})

    @property
    def holders(self) -> tuple[Drawer | OpenShelf, ...]:
        """What holds pockets that people reach into."""
        return self.drawers + self.shelves
