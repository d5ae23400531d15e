"""Style and modules: at an address of these very bytes, kept by a browser, and at no other."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.console.kept import AT, STATIC, digest
from api.standing import Standing


@pytest.mark.asyncio(loop_factories=["real"])  # a thread reads the files
async def test_all_that_a_page_loads_is_kept_for_a_year_and_other_bytes_are_not_there() -> None:
    transport = httpx.ASGITransport(create_app(Standing()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        page = await client.get("/help")
        loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text)
        assert f"{AT}/galenic.css" in loaded
        for path in loaded:
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "max-age=31536000, immutable"), path
        for other in (AT[:-12] + "0" * 12, AT[:-13]):
            assert (await client.get(f"{other}/galenic.css")).status_code == 404


def test_a_byte_or_a_name_that_changes_is_another_address(tmp_path: Path) -> None:
    for file in STATIC.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = digest(tmp_path)
    assert before == AT[-12:]
    (tmp_path / "hold.js").rename(tmp_path / "held.js")
    renamed = digest(tmp_path)
    (tmp_path / "held.js").write_bytes((tmp_path / "held.js").read_bytes() + b" ")
    assert len({before, renamed, digest(tmp_path)}) == 3
