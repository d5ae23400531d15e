"""KILL-9: the real daemon over a real file and a PTY, killed with SIGKILL at any moment while nurses work over REST."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api.cli.demo_ward import free
from api.state import LEDGER, opened
from controller.ledger import bodies
from controller.ledger.port import Row
from controller.ledger.sqlite import LedgerReader
from controller.ledger.verify import verify
from controller.policy.roles import Role
from sites.check import check
from tests.kit.programs import program
from tests.proof.campaign import Score, campaign
from tests.proof.shift import Book, intents, pulses

DRAWERS, NURSES, PIN = 16, 3, "7391"
WARDS = 4
"""Sites at a time, each with a daemon of its own: they mostly wait for steel."""
LIVES = 3
"""Of one site at least, while there are so many: what one life left is what the next begins with."""
WORKS_S = 6.0
"""A life lasts up to so long after the nurses begin: two pulls or so, so every stage of one is hit."""
YOUNG = 0.15
"""Of the lives this part ends while the daemon starts."""
READY_S = 20.0


@campaign("KILL-9", "the real daemon killed with SIGKILL at any moment of work over REST", sample=3, full=110)
def killed(cases: int) -> Score:
    with ExitStack() as stack:
        wards = [
            _ward(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="galenic-killed-"))), stack)
            for _ in range(min(WARDS, math.ceil(cases / LIVES)))
        ]
        shares = [len(range(n, cases, len(wards))) for n in range(len(wards))]
        return asyncio.run(_all(wards, shares))


def _ward(folder: Path, stack: ExitStack) -> tuple[Path, str]:
    """A site file whose simulators run, and the address of their control API."""
    site = _laid_out(folder)
    steel = stack.enter_context(program(sys.executable, "-m", "simulators", str(site), "--json"))
    return site, json.loads(steel.until('{"links"'))["control"]


async def _all(wards: list[tuple[Path, str]], shares: list[int]) -> Score:
    score = Score()
    for part in await asyncio.gather(*(_lives(share, n, *wards[n]) for n, share in enumerate(shares))):
        score.add(part)
    return score


async def _lives(cases: int, ward: int, site: Path, control: str) -> Score:
    state, chance = site.parent / "state", random.Random(f"KILL-9/{ward}")
    async with opened(check(site), state) as disk:
        for n in range(NURSES):
            await disk.people.add_person(f"nurse-{n}", f"Nurse {n}", [Role.NURSE], PIN, "setup")
        terminal = await disk.people.enrol_terminal("desk", "setup")
    with (site.parent / "said").open("w") as said:
        starter = await create_subprocess_exec(sys.executable, "-m", "tests.proof.starter", stdin=PIPE, stdout=PIPE, stderr=said)
    one = Told(site, state, free(0), terminal, control, starter)
    try:
        for _ in range(cases):
            await _life(one, chance)
        found = await _at_last(one)
    finally:
        await _ended(one)
    return _judged(one, found, cases)


@dataclass(slots=True)
class Told:
    """One site and everything that its daemons have ever answered."""

    site: Path
    state: Path
    listen: str
    terminal: str
    control: str
    starter: Process
    daemon: int | None = None
    heads: dict[int, str] = field(default_factory=dict)
    """Number and hash of the ledger's last row, as `/v1/health` told it."""
    pulls: dict[str, str] = field(default_factory=dict)
    """The last state that was told of each pull."""
    began: int = 0


async def _life(one: Told, chance: random.Random) -> None:
    """A daemon is started, nurses work, it is killed."""
    daemon = await _started(one)
    if chance.random() < YOUNG:
        await asyncio.sleep(chance.uniform(0, 0.5))
        os.kill(daemon, signal.SIGKILL)
    else:
        await _work(one, daemon, chance)
    await _said(one, "ended")
    async with httpx.AsyncClient(base_url=one.control) as hands:
        if chance.random() < 0.5:  # else somebody shuts them later, when the daemon is back
            await _shut_all(hands)


async def _started(one: Told) -> int:
    assert one.starter.stdin is not None
    one.starter.stdin.write(json.dumps([str(one.site), one.listen, str(one.state)]).encode() + b"\n")
    one.daemon = int((await _said(one, "daemon")).split()[1])
    return one.daemon


async def _said(one: Told, word: str) -> str:
    """The starter's next line, which must begin with this word."""
    assert one.starter.stdout is not None
    async with asyncio.timeout(READY_S):
        line = (await one.starter.stdout.readline()).decode()
    assert line.startswith(word), line + (one.site.parent / "said").read_text()
    one.daemon = None
    return line


async def _ended(one: Told) -> None:
    """Leaves no process behind."""
    if one.daemon is not None:
        os.kill(one.daemon, signal.SIGKILL)
    one.starter.kill()
    await one.starter.wait()


async def _work(one: Told, daemon: int, chance: random.Random) -> None:
    """The nurses at work until the daemon is killed under them: their last requests get no answer."""
    async with _clients(one) as (api, hands):
        await _ready(one, api)
        await _shut_all(hands)
        busy = [asyncio.ensure_future(_nurse(one, api, hands, n, chance)) for n in range(NURSES)]
        busy.append(asyncio.ensure_future(_watching(one, api)))
        await asyncio.sleep(chance.uniform(0.05, WORKS_S))
        os.kill(daemon, signal.SIGKILL)
        for each in busy:
            with suppress(httpx.TransportError):
                await each


@asynccontextmanager
async def _clients(one: Told) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    headers = {"Galenic-Terminal": one.terminal}
    async with (
        httpx.AsyncClient(base_url=f"http://{one.listen}", headers=headers, timeout=READY_S) as api,
        httpx.AsyncClient(base_url=one.control, timeout=READY_S) as hands,
    ):
        yield api, hands


async def _ready(one: Told, api: httpx.AsyncClient) -> None:
    """Returns once every drawer has been looked at."""
    async with asyncio.timeout(READY_S):
        while True:
            with suppress(httpx.TransportError):
                health = (await api.get("/v1/health")).json()
                if health["drawers"] and not health["drawers"].keys() & {"offline", "unknown"}:
                    return
            await asyncio.sleep(0.02)


async def _watching(one: Told, api: httpx.AsyncClient) -> None:
    """Asks for the head of the ledger again and again: what it tells is durable."""
    while True:
        head = (await api.get("/v1/health")).json()["ledger"]
        if head["hash"]:
            one.heads[head["seq"]] = head["hash"]


async def _nurse(one: Told, api: httpx.AsyncClient, hands: httpx.AsyncClient, n: int, chance: random.Random) -> None:
    """Logs in and pulls one dose after the other."""
    answer = await api.post("/v1/sessions", json={"who": f"nurse-{n}", "pin": PIN})
    assert answer.is_success, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    while True:
        one.began += 1
        id = f"pull-{one.began}"
        answer = await api.put(f"/v1/pulls/{id}", json={"order": f"O-{chance.randrange(1, DRAWERS + 1)}"}, headers=headers)
        if not answer.is_success:
            await asyncio.sleep(0.05)  # its drawer is another nurse's at the moment, or must be looked at
            continue
        one.pulls[id] = answer.json()["state"]
        await _take(one, api, hands, id, answer.json()["legs"][0], headers)


async def _take(
    one: Told, api: httpx.AsyncClient, hands: httpx.AsyncClient, id: str, leg: dict[str, Any], headers: dict[str, str]
) -> None:
    """The drawer is pulled, a dose taken and said, the drawer shut."""
    if not (await hands.post("/hands", json={"do": "open", "drawer": leg["drawer"], "wait_s": 3})).is_success:
        return
    await hands.post("/hands", json={"do": "take", "pocket": leg["pocket"]})
    taken = {"kind": "taken", "quantity": 1}
    while not (await api.post(f"/v1/pulls/{id}/entries", json=taken, headers=headers)).is_success:
        await asyncio.sleep(0.1)  # the station has not seen it open yet
    await hands.post("/hands", json={"do": "shut", "drawer": leg["drawer"]})
    while one.pulls[id] not in {"committed", "failed", "cancelled", "in_doubt"}:
        await asyncio.sleep(0.05)
        one.pulls[id] = (await api.get(f"/v1/pulls/{id}", headers=headers)).json()["state"]


async def _shut_all(hands: httpx.AsyncClient) -> None:
    truth = (await hands.get("/truth")).json()
    for id, drawer in truth["drawers"].items():
        if not drawer["shut"]:
            await hands.post("/hands", json={"do": "shut", "drawer": id})


async def _at_last(one: Told) -> list[Row]:
    """One more life, in which all comes to rest; it is stopped in order. The ledger's rows, which the checker found whole."""
    daemon = await _started(one)
    async with _clients(one) as (api, hands):
        await _ready(one, api)
        await _shut_all(hands)
        async with asyncio.timeout(READY_S):
            while (await api.get("/v1/health")).json()["drawers"].keys() - {"locked", "fault"}:
                await asyncio.sleep(0.1)
    os.kill(daemon, signal.SIGTERM)
    await _said(one, "ended")
    report = verify(one.state / LEDGER)
    assert report.holds, report
    with LedgerReader(str(one.state / LEDGER)) as reader:
        return reader.read(0, 10_000_000)


def _judged(one: Told, found: list[Row], cases: int) -> Score:
    """What the ledger, the control API's edges and the nurses' histories say together."""
    edges = [(edge["what"], edge["drawer"]) for edge in _edges(one.control)]
    book = Book([(row.seq, row.kind, bodies.read(row.body)) for row in found])
    score = Score(tried=cases)
    score.add(pulses(book, edges))
    score.add(intents(book, edges))
    score.lost += sum(1 for seq, digest in one.heads.items() if len(found) < seq or found[seq - 1].hash.hex() != digest)
    requested = {body["pull"] for _, body in book.of("pull.requested")}
    score.lost += len(one.pulls.keys() - requested)
    committed = {body["pull"] for _, body in book.of("pull.committed")}
    score.lost += len({id for id, state in one.pulls.items() if state == "committed"} - committed)
    taken = Counter(body["work"]["id"] for _, body in book.of("stock.taken"))
    score.doubled += sum(number - 1 for number in taken.values())
    score.guessed += len(taken.keys() - requested)
    wrong = score.lost + score.doubled + score.unauthorised + score.unrecorded + score.guessed
    worked = len(committed) >= cases // 4
    if not worked:
        print(f"    one site was not killed at work: {len(committed)} pulls in {cases} lives; is the machine busy?")
    score.survived = cases - min(cases, wrong) if worked else 0
    return score


def _edges(control: str) -> Iterator[dict[str, Any]]:
    after = 0
    while edges := httpx.get(f"{control}/edges", params={"after": after, "limit": 10_000}).json()["edges"]:
        yield from edges
        after = edges[-1]["number"]


def _laid_out(folder: Path) -> Path:
    """A cabinet of sixteen drawers on one CU16 board over a PTY; one item and one order for each."""
    numbers = range(1, DRAWERS + 1)
    (folder / "formulary.toml").write_text("items = [\n" + "".join(
        f'{{ id = "item-{n}", name = "Item {n}", strength = {{ value = "{n}", unit = "mg" }}, form = "pill", unit = "pill" }},\n'
        for n in numbers
    ) + "]\n")  # fmt: skip
    (folder / "stock.toml").write_text("lots = [\n" + "".join(
        f'{{ pocket = "D-{n}-1", lot = "L{n}", expiry = 2041-01-31, quantity = 900 }},\n' for n in numbers
    ) + "]\n")  # fmt: skip
    (folder / "patients.toml").write_text(
        'patients = [{ id = "P-1", mrn = "M-1", family = "Doe", given = "Jo", born = 1950-01-01, area = "ward" }]\n'
    )
    (folder / "orders.toml").write_text("orders = [\n" + "".join(
        f'{{ id = "O-{n}", patient = "P-1", item = "item-{n}", dose = {{ value = "{n}", unit = "mg" }}, state = "verified",'
        f' schedule = {{ kind = "prn" }}, filler = "RX-{n}" }},\n' for n in numbers
    ) + "]\n")  # fmt: skip
    site = folder / "site.toml"
    site.write_text(f"""
[station]
id = "killed"
name = "Killed"
simulated = true
[links.lockbus]
url = "serial:{folder}/lockbus?baud=115200"
protocol = "kerong-cu16"
[[boards]]
id = "board"
driver = "kerong-cu16"
link = "lockbus"
address = 0
[[cabinets]]
id = "D"
name = "Cabinet"
width_mm = 600
height_mm = 900
[[terminals]]
id = "desk"
name = "Desk"
[data]
formulary = "formulary.toml"
patients = "patients.toml"
orders = "orders.toml"
stock = "stock.toml"
""" + "".join(
        f'[[drawers]]\nid = "D-{n}"\ncabinet = "D"\nlock = {{ board = "board", channel = {n} }}\n'
        f'pockets = [{{ id = "D-{n}-1", item = "item-{n}", capacity = 1000 }}]\n' for n in numbers
    ))  # fmt: skip
    return site
