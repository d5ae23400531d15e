"""The live view: what it shows of what daemons tell, drawn again in place on a terminal, line by line elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import sites
from api.cli.demo_pair import _work
from api.cli.demo_pair_words import Words
from api.cli.demo_people import TERMINAL
from api.cli.demo_stations import DESK, lay_out
from api.cli.demo_view import Screen, picture
from api.cli.demo_ward import keep

HEALTH = {"status": "degraded", "reasons": [{"code": "link-lost"}, {"code": "link-lost"}]}
LINE: dict[str, Any] = {"n": 1, "item": "a", "picked": 0, "quantity": 9, "ordered": 0, "state": "new", "lacking": 0, "parts": []}
TOLD: dict[str, dict[str, Any]] = {
    "health": HEALTH,
    "robots": {"items": [{"id": "R1", "state": "ready", "packs": 7, "orders": 1, "in_doubt": 1}]},
    "gantries": {"items": [{"id": "arm", "state": "fetching", "orders": 2, "tray": [{"item": "b", "state": "in_tray"}]}]},
    "line": {
        "halted": "",
        "modules": [{"stopped": []}],
        "belts": [{"moves": True}, {"moves": False}],
        "gates": [{"id": "g", "exit": "other"}, {"id": "h", "exit": None}],
        "places": [{"id": "packing", "occupied": True}],
        "totes": [{"id": "T-1", "state": "held", "place": "x", "to": "packing", "trouble": {"what": "unread", "do": "look"}}],
    },
    "pick-lists": {
        "items": [
            {
                "id": "L",
                "state": "open",
                "totes": [],
                "lines": [
                    LINE
                    | {"parts": [{"pocket": None, "drawer": "R1", "quantity": 6}, {"pocket": "S-1", "drawer": "S", "quantity": 3}]},
                    LINE | {"n": 2, "ordered": 9},
                    LINE | {"n": 3, "state": "short", "lacking": 4},
                    LINE | {"n": 4, "state": "picked", "picked": 9},
                ],
            }
        ]
    },
    "totes": {
        "items": [
            {"id": "T-1", "state": "arrived", "at": None, "contents": [{"item": "a", "quantity": None, "loaded": 2}]},
            {"id": "T-2", "state": "filling", "at": "packing", "contents": []},
        ]
    },
}


def test_a_station_is_told_in_lines_that_can_be_read_by_themselves() -> None:
    assert list(picture("p", TOLD)) == [
        "p: degraded (link-lost)",
        "p: robot R1 ready, 7 packs, 1 order, 1 in doubt",
        "p: gantry arm fetching, 2 orders, tray b (in_tray)",
        "p: belts 1 of 2 move; g other, h ?; packing occupied",
        "p: belt tote T-1 held at x, bound for packing: unread, look",
        "p: list L open, totes none",
        "p:   1 a 0 of 9, 6 from R1, 3 from S-1",
        "p:   2 a 0 of 9, 9 on their way",
        "p:   3 a 0 of 9, short, 4 nowhere",
        "p:   4 a 9 of 9, picked",
        "p: tote T-1 arrived: a ? (2 put away)",
        "p: tote T-2 filling at packing: nothing",
    ]
    stopped = TOLD | {"line": TOLD["line"] | {"modules": [{"stopped": ["lost-host"]}]}}
    assert "p: belts stand: lost-host; g other, h ?; packing occupied" in list(picture("p", stopped))
    assert list(picture("p", {})) == ["p: away"]


def test_on_a_terminal_the_picture_is_drawn_over_itself_and_what_is_said_stays(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(terminal=True)
    screen.show(["one", "two"])
    screen.say("hello")
    screen.show(["x" * 500, *["y"] * 500])
    told = capsys.readouterr().out
    assert told.startswith("one\ntwo\n\x1b[2A\x1b[Jhello\none\ntwo\n\x1b[2A\x1b[J")
    last = told.rpartition("\x1b[J")[2].splitlines()
    assert len(last[0]) < 500, "a line that wraps could not be drawn over"
    assert len(last) < 500, "nor one that has scrolled away"


def test_elsewhere_each_new_line_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(terminal=False)
    screen.show(["one", "two"])
    screen.say("hello")
    screen.show(["one", "three"])
    assert capsys.readouterr().out == "| one\n| two\nhello\n| three\n"


def test_people_who_must_give_up_say_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = lay_out(tmp_path, Path(sites.__file__).parent / "robot.toml", "127.0.0.1:1")
    for run, terminal in zip(runs, (DESK, TERMINAL), strict=True):
        keep(run.folder / terminal, "Galenic-Terminal: none\n")
        run.pins["theo"] = "1"
    asyncio.run(_work(runs, Screen(terminal=False)))
    assert "> given up: robot: POST /v1/sessions: ConnectError" in capsys.readouterr().out


def test_of_stations_that_the_lines_are_not_about_only_the_addresses_are_printed(tmp_path: Path) -> None:
    runs = lay_out(tmp_path, Path(sites.__file__).parent / "robot.toml", "127.0.0.1:1")
    assert "curl" in Words(runs, {"robot": 1, "ward": 2}, 0.0).all()
    site = runs[0].report.site
    assert site is not None
    object.__setattr__(runs[0].report, "site", site.model_copy(update={"packing": ()}))
    assert "curl" not in Words(runs, {"robot": 1, "ward": 2}, 0.0).all()
