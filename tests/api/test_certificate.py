"""The station's certificate in its folder: made, asked for, installed or refused, and when it is said that it ends."""

from __future__ import annotations

import datetime
import hashlib
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from api import addresses
from api.addresses import is_name, names_here
from api.certificate import CERTIFICATE, KEY, Certificate, found, install, make, ready, request
from api.fingerprint import all_words, in_hex, in_words
from drivers.faults import Refused, SiteFault
from tests.acceptance.ward import a_ward
from tests.kit.station import BEGAN
from tests.kit.tls import Authority

NAMES = ("ward4.hospital.example", "10.1.4.20", "fd00::20")
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def test_the_first_run_makes_one_and_the_next_finds_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    made = ready(state, NAMES, NOW)
    assert (made.names, made.own, made.ends - NOW < 397 * DAY) == (NAMES, True, True)
    assert (state / KEY).stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in state.iterdir()) == [KEY, CERTIFICATE]
    der = ssl.PEM_cert_to_DER_cert((state / CERTIFICATE).read_text())
    assert made.fingerprint == hashlib.sha256(der).digest()
    assert ready(state, ("another.example",), NOW) == made
    make(state, ("another.example",), NOW)
    anew = found(state)
    assert anew.names == ("another.example",)
    assert anew.fingerprint != made.fingerprint


def test_a_fingerprint_is_said_in_words_that_are_told_apart() -> None:
    words = all_words()
    assert len(set(words)) == 256
    assert all(word.isascii() and word.islower() and 3 <= len(word) <= 9 for word in words)
    assert len({word[:4] for word in words}) == 256, "the first four letters are enough"
    print_ = bytes(range(248, 256)) + bytes(24)
    assert in_words(print_).split() == list(words[248:])
    assert in_hex(print_).startswith("F8:F9:FA:")
    assert len(in_hex(print_)) == 32 * 3 - 1


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "hospital")


def test_what_the_hospitals_authority_signs_is_installed(tmp_path: Path, authority: Authority) -> None:
    asked = request(tmp_path / "state", NAMES)
    own = ready(tmp_path / "state", NAMES, NOW)
    chain = authority.signs(asked) + authority.ca.read_bytes()
    installed = install(tmp_path / "state", chain, NOW)
    assert (installed.own, installed.names) == (False, NAMES)
    assert installed.fingerprint != own.fingerprint
    assert found(tmp_path / "state") == installed == ready(tmp_path / "state", NAMES, NOW)


REFUSED: dict[str, tuple[Callable[[Authority, str], bytes], str]] = {
    "no certificate": (lambda by, asked: b"hello", "no certificate in PEM form"),
    "the request itself": (lambda by, asked: asked.encode(), "no certificate in PEM form"),
    "another's": (lambda by, asked: by.certificate("10.1.4.20")[0].read_bytes(), "of another key"),
    "over": (lambda by, asked: by.signs(asked, begins=NOW - 3 * DAY, ends=NOW - DAY), "it ended on"),
    "not yet": (lambda by, asked: by.signs(asked, begins=NOW + DAY), "it begins on"),
    "an authority's": (lambda by, asked: by.signs(asked, authority=True), "an authority's"),
    "for clients": (lambda by, asked: by.signs(asked, for_server=False), "serverAuth"),
    "without names": (lambda by, asked: by.signs(asked, named=False), "names no host"),
    "a foreign chain": (lambda by, asked: by.signs(asked) + by.certificate("x")[0].read_bytes(), "certificate 1 in it was not"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_not_this_stations_is_refused_with_a_sentence(tmp_path: Path, authority: Authority, wrong: str) -> None:
    build, says = REFUSED[wrong]
    own = ready(tmp_path / "state", NAMES, NOW)
    content = build(authority, request(tmp_path / "state", NAMES))
    with pytest.raises(Refused, match="certificate-refused") as refused:
        install(tmp_path / "state", content, NOW)
    assert says in refused.value.facts["why"]
    assert found(tmp_path / "state") == own


def ed25519_key() -> bytes:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return ed25519.Ed25519PrivateKey.generate().private_bytes(*form)


SPOILT: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no certificate": (lambda state: (state / CERTIFICATE).unlink(), "not there"),
    "no PEM": (lambda state: (state / CERTIFICATE).write_text("x"), "no certificate"),
    "no key": (lambda state: (state / KEY).unlink(), "galenic tls csr"),
    "a key for everybody": (lambda state: (state / KEY).chmod(0o640), "mode 640"),
    "no key in it": (lambda state: (state / KEY).write_text("x"), "no private key"),
    "a key of another kind": (lambda state: (state / KEY).write_bytes(ed25519_key()), "not one that this station"),
    "another key": (lambda state: ((state / KEY).unlink(), request(state, NAMES)), "of another key"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_spoilt_is_never_shown(tmp_path: Path, how: str) -> None:
    ready(tmp_path, NAMES, NOW)
    spoil, says = SPOILT[how]
    spoil(tmp_path)
    with pytest.raises(SiteFault, match="certificate-wrong") as wrong:
        found(tmp_path)
    assert says in wrong.value.facts["why"]


def test_a_write_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / f"{KEY}.new").write_text("half a")
    assert ready(tmp_path, NAMES, NOW).own


async def test_health_warns_sixty_days_ahead_and_then_says_that_it_has_ended(tmp_path: Path) -> None:
    shown = ready(tmp_path, NAMES, NOW)
    async with a_ward() as ward:
        await ward.person("administrator")

        async def health(ends_in: datetime.timedelta) -> tuple[str, list[str], list[str]]:
            ward.standing.certificate = replace(shown, ends=BEGAN + DAY + ends_in)
            told = (await ward.client.get("/v1/health")).json()
            return told["status"], [one["code"] for one in told["warnings"]], [one["code"] for one in told["reasons"]]

        assert await health(65 * DAY) == ("ok", [], [])
        assert await health(50 * DAY) == ("ok", ["certificate-ends"], [])
        assert await health(-2 * DAY) == ("degraded", [], ["certificate-ended"])


@pytest.mark.parametrize(("own", "told"), [(True, None), (False, "max-age=31536000")])
async def test_only_under_the_hospitals_certificate_are_browsers_bound(tmp_path: Path, own: bool, told: str | None) -> None:
    shown = ready(tmp_path, NAMES, NOW)
    async with a_ward() as ward:
        ward.standing.certificate = replace(shown, own=own)
        for path in ("/v1/health", "/v1/nothing"):
            answer = await ward.client.get(f"https://127.0.0.1{path}")
            assert answer.headers.get("strict-transport-security") == told
            assert "strict-transport-security" not in (await ward.client.get(path)).headers, "on loopback"


def test_without_a_certificate_nothing_is_bound_or_warned_of() -> None:
    at = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC)
    shown = Certificate(Path("c"), Path("k"), bytes(32), (), at, own=True)
    assert [shown.says(at - days * DAY) for days in (61, 60, 1, 0)] == [
        None, "certificate-ends", "certificate-ends", "certificate-ended",
    ]  # fmt: skip


def test_this_machines_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = names_here(("ward4.hospital.example", "0.0.0.0"))
    assert here[0] == "ward4.hospital.example"
    assert {"localhost", "127.0.0.1"} <= set(here)
    assert "0.0.0.0" not in here
    monkeypatch.setattr(addresses, "IF_INET6", tmp_path / "none")
    monkeypatch.setattr(addresses.socket, "if_nameindex", lambda: [(1, "lo"), (99, "gone0")])
    assert set(names_here()) - {addresses.socket.gethostname()} == {"localhost", "127.0.0.1"}


@pytest.mark.parametrize("name", ["", "a b", "-x", "x_y", "::", "fe80::1", "169.254.1.1", "x..y"])
def test_what_names_no_machine(name: str) -> None:
    assert not is_name(name)
