"""The face to the network: real daemons on real sockets, HTTPS from the first start, and no way to plain HTTP."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import sites
from api import serve
from api.certificate import CERTIFICATE, KEY, found
from api.fingerprint import in_hex, in_words
from tests.kit.programs import GALENIC, Program, galenic, program
from tests.kit.tls import Authority

ROOT = Path(sites.__file__).parents[1]
SITE = ROOT / "sites/ward.toml"

pytestmark = [pytest.mark.processes, pytest.mark.timeout(90)]


@contextmanager
def daemon(state: Path, listen: str = "0.0.0.0:0") -> Iterator[tuple[Program, int]]:
    """A daemon for the network, and its port."""
    with program(*GALENIC, "run", str(SITE), "--listen", listen, "--state", str(state), cwd=ROOT) as running:
        line = running.until("listening at")
        yield running, int(line.rpartition(":")[2])


def trusting(root: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=root)


def asked(url: str, verify: ssl.SSLContext | bool = True, **headers: str) -> httpx.Response:
    with httpx.Client(verify=verify, trust_env=False, timeout=20) as client:
        return client.get(url, headers=headers)


def test_https_from_the_first_start_and_plain_http_never(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with daemon(state) as (running, port):
        assert running.said[0] == f"listening at https://0.0.0.0:{port}"
        shown = found(state)
        assert running.until("certificate: ") == f"certificate: {in_words(shown.fingerprint)}"
        assert running.until("SHA-256") == f"SHA-256 {in_hex(shown.fingerprint)}"
        answer = asked(f"https://127.0.0.1:{port}/v1/health", trusting(state / CERTIFICATE))
        assert answer.json()["station"] == "ward-4-east"
        assert "strict-transport-security" not in answer.headers
        with pytest.raises(httpx.ConnectError, match="self-signed"):
            asked(f"https://127.0.0.1:{port}/v1/health")
        with pytest.raises(httpx.TransportError):
            asked(f"http://127.0.0.1:{port}/v1/health")
        refused = asked(f"https://127.0.0.1:{port}/v1/health", trusting(state / CERTIFICATE), Host="evil.example")
        assert refused.json()["code"] == "wrong-host"
    with daemon(state):
        assert found(state) == shown, "the same at every start"


def test_with_the_hospitals_certificate_browsers_are_bound_to_it(tmp_path: Path) -> None:
    state, authority = tmp_path / "state", Authority(tmp_path / "hospital")
    csr = galenic("tls", "csr", "--name", "ward4.hospital.example", "--name", "127.0.0.1", "--state", str(state), cwd=ROOT)
    assert csr.returncode == 0, csr.stderr
    signed = tmp_path / "ward4.pem"
    signed.write_bytes(authority.signs(csr.stdout))
    done = galenic("tls", "install", str(signed), "--state", str(state), cwd=ROOT)
    assert (done.returncode, done.stdout.startswith("Installed, good until")) == (0, True), done.stderr
    with daemon(state) as (_, port):
        answer = asked(f"https://127.0.0.1:{port}/ready", trusting(authority.ca), Host=f"ward4.hospital.example:{port}")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert answer.status_code != 421


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:0", "[::1]:0"])
def test_on_loopback_it_is_plain_http_and_nothing_is_made(tmp_path: Path, listen: str) -> None:
    with daemon(tmp_path / "state", listen) as (_, port):
        assert asked(f"http://{listen.rpartition(':')[0]}:{port}/v1/health").status_code == 200
        assert not (tmp_path / "state" / KEY).exists()


def test_the_stations_own_screen_and_the_network_at_once_and_both_end_in_order(tmp_path: Path) -> None:
    state, listen = tmp_path / "state", ("--listen", "127.0.0.1:0", "--listen", "0.0.0.0:0")
    with program(*GALENIC, "run", str(SITE), *listen, "--state", str(state), cwd=ROOT) as running:
        own = running.until("listening at http://").partition(" at ")[2]
        network = int(running.until("listening at https://").rpartition(":")[2])
        assert asked(f"{own}/v1/health").json()["station"] == "ward-4-east"
        there = asked(f"https://127.0.0.1:{network}/v1/health", trusting(state / CERTIFICATE))
        assert there.json()["station"] == "ward-4-east"
        running.process.terminate()
        assert running.ends(20) == 0


def test_without_a_certificate_that_can_be_used_nothing_is_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / CERTIFICATE).write_text("torn")
    assert serve.run(SITE, ["0.0.0.0:0"], tmp_path, False) == 78
    assert "no certificate in PEM form" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert serve.run(SITE, ["0.0.0.0:0"], tmp_path / "file", False) == 78
    assert "without a certificate" in capsys.readouterr().err


def test_the_command_line_says_what_is_there_and_why_not(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "state"))
    assert galenic("tls", "show", *state, cwd=ROOT).returncode == 65
    made = galenic("tls", "renew", "--name", "ward4.hospital.example", *state, cwd=ROOT)
    shown = galenic("tls", "show", *state, cwd=ROOT).stdout
    told = json.loads(galenic("tls", "show", "--json", *state, cwd=ROOT).stdout)
    assert told["words"] == made.stdout.splitlines()[0]
    assert told["words"] in shown
    assert (told["names"], told["made"]) == (["ward4.hospital.example"], "here: no browser knows it")
    foreign = Authority(tmp_path / "elsewhere").certificate("ward4.hospital.example")[0]
    refused = galenic("tls", "install", str(foreign), *state, cwd=ROOT)
    assert refused.returncode == 1
    assert "of another key than this station's" in refused.stderr
    assert galenic("tls", "install", str(tmp_path / "none"), *state, cwd=ROOT).returncode == 73
    assert galenic("tls", "csr", "--name", "no name", *state, cwd=ROOT).returncode == 2
