"""The support bundle: what a mender needs is in it, and each thing that must not be is looked for."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from typing import Any

from sites.models import Site
from tests.acceptance.test_console_technician import cookies
from tests.acceptance.ward import Person, Ward, a_ward, ward_site

ON_HAND = 8317
"""Of a pocket: a number that nothing else is."""


def _site() -> Site:
    """The ward's, with a scanner, a badge reader and a scale, and a webhook whose path is as good as a password."""
    site = ward_site().model_dump(mode="json")
    site["links"] |= {
        "gun": {"url": "tcp://127.0.0.1:2", "protocol": "scanner-lines"},
        "badges": {"url": "tcp://127.0.0.1:3", "protocol": "scanner-lines"},
        "pan": {"url": "tcp://127.0.0.1:4", "protocol": "mt-sics"},
    }
    site["scanners"] = [{"id": id_, "driver": "scanner-lines", "link": id_} for id_ in ("gun", "badges")]
    site["scales"] = [{"id": "pan", "driver": "mt-sics", "link": "pan"}]
    site["terminals"] = [{"id": "desk", "name": "Desk", "scanner": "gun", "readers": ["badges"], "scale": "pan"}]
    site["outward"] = {
        "hosts": ["hooks.example"],
        "consumers": [{"id": "tickets", "service": "rx"}],
        "webhooks": [{"id": "tickets", "consumer": "tickets", "url": "https://hooks.example/in/0c3e9a77f1"}],
    }
    return Site.model_validate(site)


def _opened(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def _a_bad_day(ward: Ward, nurse: Person) -> None:
    """A drawer that does not catch, a wristband and a badge that are read, a weight, refusals, defects, a cable that falls out."""
    await nurse.done("PUT", "/v1/pulls/zeldas-pull", {"order": "O-amox", "pocket": "A-01-1"})
    await ward.hand_opens("A-01")
    ward.world.fault("stuck-latch", drawer="A-01", stuck="free")
    await ward.world.plant.shut("A-01")
    await ward.world.until("drawer.fault", drawer="A-01")
    await nurse.refused("GET", "/v1/links", code="not-allowed")
    await nurse.refused("PUT", "/v1/pulls/p-2", {"order": "O-unheard-of"}, code="unknown-order")
    house, station = ward.world.house, ward.world.station
    house.scanners["gun"].scan("WRISTBAND-66012")
    house.scanners["badges"].scan("BADGE-55113")
    house.scales["pan"].lay(house.scales["pan"].gross + 123)
    station.defect("the page /console/patients/P-1/Doe, 0a1b2c3d", LookupError("Jo Doe, M-P-1"))
    station.defect("drawer A-02", KeyError("Jo Doe"))
    station.defect("pull/zeldas-pull", KeyError("Jo Doe"))
    ward.world.fault("unplug", link="lockbus", seconds=5.0)
    await ward.world.until("link.lost", link="lockbus")
    await ward.world.until("link.up", ward.world.ledger.head[0] - 1, link="lockbus")
    await ward.quiet()


async def _bundle(who: Person) -> tuple[Any, dict[str, str]]:
    answer = await who.ask("GET", "/v1/bundle")
    assert answer.status_code == 200
    return answer, _opened(answer.content)


async def test_it_holds_what_a_mender_needs() -> None:
    async with a_ward(site=_site()) as ward:
        nurse, bea = await ward.person("nurse", "zelda"), await ward.person("biomedical_engineer", "wolfgang")
        await _a_bad_day(ward, nurse)
        answer, files = await _bundle(bea)
        assert answer.headers["content-type"] == "application/zip"
        assert re.fullmatch(r'attachment; filename="galenic-small-\d{8}T\d{6}Z\.zip"', answer.headers["content-disposition"])
        assert set(files) == {
            "README.txt", "site.toml", "versions.json", "health.json", "links.json", "devices.json", "ledger.json",
            "mishaps.jsonl", *(f"frames/{link}.txt" for link in ("lockbus", "gun", "badges", "pan")),
        }  # fmt: skip
        read = tomllib.loads(files["site.toml"])
        assert [part["id"] for part in read["drawers"]] == ["A-01", "A-02", "A-03", "A-04"]
        assert read["outward"]["webhooks"][0]["url"] == "https://hooks.example/…"
        assert "apsw" in json.loads(files["versions.json"])["packages"]
        assert "link-not-up" not in json.loads(files["health.json"])["reasons"]
        links = {link["id"]: link for link in json.loads(files["links.json"])}
        assert links["lockbus"]["boards"][0]["answers"]["counts"]
        drawers = {drawer["id"]: drawer for drawer in json.loads(files["devices.json"])["drawers"]}
        assert drawers["A-01"]["state"] == "fault"
        head = json.loads(files["ledger.json"])
        assert (head["durable"], head["check"]) == (head["seq"], "no check has found a row that does not hold")
        row = ward.world.ledger.read(head["seq"] - 1, 1)[0]
        assert head["hash"] == row.hash.hex()
        went = [json.loads(line) for line in files["mishaps.jsonl"].splitlines()]
        by_kind = {kind: [one for one in went if one["kind"] == kind] for kind in {one["kind"] for one in went}}
        (failed,) = by_kind["drawer.fault"]
        assert any("status of board 0" in line for line in failed["frames"])
        assert [one["code"] for one in by_kind["refused"]] == ["not-allowed", "unknown-order"]
        page, drawer, pull = by_kind["station.defect"]
        assert (page["error"], page["number"], page["work"]) == ("LookupError", "0a1b2c3d", "the")
        assert (drawer["error"], drawer["number"], drawer["work"]) == ("KeyError", None, "drawer A-02")
        assert pull["work"] == "pull"
        assert by_kind["link.lost"][-1]["link"] == "lockbus"
        assert "status of board 0" in files["frames/lockbus.txt"]
        assert re.search(r" in +16 bytes$", files["frames/gun.txt"], re.MULTILINE)
        assert re.search(r" in +\d+ bytes$", files["frames/pan.txt"], re.MULTILINE)


async def test_no_secret_no_patient_nobodys_name_and_no_count_is_in_it() -> None:
    stock = [("A-01-1", "QLOT77", "2032-03-31", ON_HAND), ("A-02-1", "ZLOT3", "2033-03-31", 9)]
    async with a_ward(site=_site(), stock=stock) as ward:
        nurse, bea = await ward.person("nurse", "zelda"), await ward.person("biomedical_engineer", "wolfgang")
        await _a_bad_day(ward, nurse)
        _, files = await _bundle(bea)
        text = "\n".join(files.values())
        token = nurse.headers["Authorization"].removeprefix("Bearer ")
        (session,) = {row["session"] for row in ward.rows("session.opened", person="zelda")}
        terminal = (await ward.world.terminal()).partition(":")[2]
        for kind, words in {
            "a person": ("zelda", "Zelda", "wolfgang", "Wolfgang"),
            "a patient": ("P-1", "P-2", "M-P-1", "Doe", "1950-01-01", "WRISTBAND", "66012"),
            "an order or a piece of work": ("O-amox", "O-unheard-of", "zeldas-pull"),
            "a drug in a pocket": ("QLOT77", "ZLOT3"),
            "a secret": (token, session, terminal, ward.world.pin("zelda"), "BADGE", "55113", "0c3e9a77f1", "$argon2"),
        }.items():
            for word in words:
                assert re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", text) is None, f"{kind}: {word}"
        hidden = (b"WRISTBAND-66012", b"BADGE-55113", b"S S     123", b"QLOT77")
        assert not [data for data in hidden if data.hex(" ") in text]
        believed = ward.believed("A-01-1")
        assert believed == ON_HAND
        assert re.search(rf"(?<!\d){believed}(?!\d)", text) is None
        assert not re.search(r'"(?:on_hand|balance|quantity|person|patient|session)"', text)


async def test_it_is_the_engineers_and_the_administrators_and_a_link_on_his_page() -> None:
    async with a_ward() as ward:
        bea, nurse = await ward.person("biomedical_engineer"), await ward.person("nurse")
        assert 'href="/console/bundle"' in (await ward.client.get("/console/service", headers=cookies(bea))).text
        got = await ward.client.get("/console/bundle", headers=cookies(bea))
        assert got.headers["content-type"] == "application/zip"
        assert got.headers["content-disposition"].startswith('attachment; filename="galenic-small-')
        assert _opened(got.content).keys() == (await _bundle(bea))[1].keys()
        refused = await ward.client.get("/console/bundle", headers=cookies(nurse))
        assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert "Nothing moved." in refused.text
        assert (await ward.client.get("/console/bundle")).headers["location"] == "/console"
        ward.standing.station = None
        assert (await ward.client.get("/console/bundle")).status_code == 503
        ward.standing.station = ward.world.station
