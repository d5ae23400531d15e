"""The control API's part for robots: where every pack really is, what moved, and what people do at the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from simulators.boards.wwks2.station import Wwks2Station
from simulators.bodies import Wait
from simulators.plant.pocket import CannotDo, NotThere
from simulators.plant.robot.moves import Move
from simulators.plant.robot.pack import Article
from simulators.robot_bodies import (
    Clear,
    Door,
    Enter,
    InsideAct,
    Lay,
    LayAgain,
    ManualOutput,
    PressButton,
    PutIn,
    Relabel,
    Reread,
    RobotAct,
    Start,
    Stored,
    SwapPacks,
    TakeAll,
    TakePack,
)
from simulators.timers import now

robots = APIRouter()
Number = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=1, le=10_000)]


def the_robot(id: str, request: Request) -> Wwks2Station:
    """The robot of this name. Raises NotThere."""
    known: dict[str, Wwks2Station] = request.app.state.house.robots
    if id not in known:
        raise NotThere("id", f"robot {id}", known)
    return known[id]


TheRobot = Annotated[Wwks2Station, Depends(the_robot)]


@robots.get("/robots")
async def all_robots(request: Request) -> dict[str, Any]:
    """The robots of this site."""
    return {"robots": {id: _state(station) for id, station in request.app.state.house.robots.items()}}


@robots.get("/robots/{id}")
async def one_robot(station: TheRobot) -> dict[str, Any]:
    """The machine as it really is now, without its packs."""
    return _state(station)


@robots.get("/robots/{id}/packs")
async def packs(
    station: TheRobot, after: Number = 0, limit: Limit = 1000, article: str | None = None, at: str | None = None
) -> dict[str, Any]:
    """Where every pack really is, by the plant's number; `at` is the beginning of a place, as in `rack`, `output:2` or `box:`."""
    return {"packs": list(_found(station, after, limit, article, at))}


@robots.get("/robots/{id}/packs/{pack}")
async def one_pack(station: TheRobot, pack: int) -> dict[str, Any]:
    """One pack."""
    station.robot.steel.place(pack)
    return _pack(station, pack)


@robots.get("/robots/{id}/book")
async def book(station: TheRobot, after: Number = 0, limit: Limit = 1000, article: str | None = None) -> dict[str, Any]:
    """What the robot itself believes to hold, by its own numbers. It is not the truth."""
    held = station.robot.book.packs.values()
    found = [one for one in held if one.id > after and article in {None, one.article}]
    return {"packs": [asdict(one) | {"place": station.robot.steel.rack.name(one.place)} for one in found[:limit]]}


@robots.get("/robots/{id}/moves")
async def moves(
    station: TheRobot,
    after: Number = 0,
    limit: Limit = 1000,
    pack: int | None = None,
    what: str | None = None,
    wait_s: Annotated[Wait, Query()] = 0.0,
) -> dict[str, Any]:
    """What physically happened after a number, oldest first; with `wait_s` as soon as there is such a move."""
    log = station.robot.steel.moves

    def found() -> list[Move]:
        return [move for move in log.after(after) if pack in {None, move.pack} and what in {None, move.what}]

    await log.until(lambda: bool(found()), wait_s)
    return {"moves": [move.told() for move in found()[:limit]]}


@robots.post("/robots/{id}/packs", status_code=201)
async def store(stored: Stored, station: TheRobot) -> dict[str, Any]:
    """Packs stand in the rack and in the book, without an input: how a run begins."""
    about = stored.model_dump(include={"batch", "serial", "expiry", "width_mm", "height_mm", "depth_mm", "cold"})
    article = Article(stored.article, stored.name)
    held = []
    for _ in range(stored.count):
        try:
            held.append(station.robot.hold(article, stored.scan_code, **about))
        except ValueError as wrong:
            raise CannotDo("count", f"{wrong}; {len(held)} of {stored.count} were stored") from wrong
    return {"ids": [one.id for one in held]}


@robots.post("/robots/{id}/hands")
async def robot_hands(act: RobotAct, station: TheRobot) -> dict[str, Any]:
    """A person does something at the robot; the answer says what physically happened by that alone."""
    log = station.robot.steel.moves
    before = len(log.entries)
    said = _done(act, station)
    return {"did": act.do, **said, "moves": [move.told() for move in log.after(before)]}


def _done(act: RobotAct, station: Wwks2Station) -> dict[str, Any]:
    hands = station.hands
    match act:
        case Lay():
            about = act.model_dump(exclude={"do", "input", "article", "scan_code", "delivery"})
            pack = hands.lay(act.input, station.robot.new_pack(act.article, act.scan_code, **about), act.delivery)
            return {"pack": pack.number}
        case LayAgain():
            hands.lay_again(act.input, act.pack, act.delivery)
        case Enter():
            asked = hands.enter(act.input, expiry=act.expiry, batch=act.batch, serial=act.serial, insist=act.insist)
            return {"asked": asked.id}
        case TakePack():
            return {"from": hands.take(act.pack)}
        case TakeAll():
            return {"packs": hands.take_all(act.output)}
        case ManualOutput():
            hands.order(act.output, article=act.article, quantity=act.quantity, pack=act.pack_id)
        case PressButton():
            hands.press(act.output)
        case _:
            return _inside(act, station)
    return {}


def _inside(act: InsideAct, station: Wwks2Station) -> dict[str, Any]:
    hands, steel = station.hands, station.robot.steel
    match act:
        case Door():
            (steel.open_door if act.do == "open-door" else steel.shut_door)()
        case Clear():
            return {"packs": steel.unjam(take=act.take)}
        case Start():
            steel.resume()
        case SwapPacks():
            hands.swap(act.pack, act.other)
        case PutIn():
            about = act.model_dump(exclude={"do", "article", "scan_code"})
            return {"pack": hands.put_in(station.robot.new_pack(act.article, act.scan_code, **about)).number}
        case Relabel():
            hands.relabel(act.pack, act.scan_code, batch=act.batch, serial=act.serial, expiry=act.expiry)
        case Reread():
            hands.reread()
    return {}


def _state(station: Wwks2Station) -> dict[str, Any]:
    robot, steel = station.robot, station.robot.steel
    return {
        "at": now(),
        "moves": len(steel.moves.entries),
        "running": not steel.stopped,
        "stopped": steel.stopped,
        "jammed": steel.jammed,
        "door_open": steel.door_open,
        "gripper": steel.gripper,
        "stored": len(steel.rack),
        "book": len(robot.book.packs),
        "inputs": {id: {"scanner": steel.at_scanner.get(id), "waiting": steel.queued[id]} for id in steel.inputs},
        "outputs": {
            id: {"lying": steel.lying[id], "box": steel.boxes[id].number if id in steel.boxes else None, "lamp": steel.lamps[id]}
            for id in steel.outputs
        },
        "orders": {id: order.status for id, order in robot.orders.open.items()},
        "reading": {"left": len(robot.inventory.left), "passes": robot.inventory.passes},
        "clients": [client.number for client in station.clients],
    }


def _found(station: Wwks2Station, after: int, limit: int, article: str | None, at: str | None) -> Iterator[dict[str, Any]]:
    steel = station.robot.steel
    for number in sorted(number for number in steel.where if number > after):
        if article in {None, steel.packs[number].article} and (at is None or steel.place(number).startswith(at)):
            yield _pack(station, number)
            limit -= 1
        if not limit:
            return


def _pack(station: Wwks2Station, number: int) -> dict[str, Any]:
    return {**asdict(station.robot.steel.packs[number]), "at": station.robot.steel.place(number)}
