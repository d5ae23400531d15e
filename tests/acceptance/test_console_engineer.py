"""The engineer's pages, asked as a browser asks them, in virtual time. What fingers do at them stands in tests/console."""

from __future__ import annotations

import re

from tests.acceptance.test_console_technician import cookies, page
from tests.acceptance.ward import a_ward


async def test_how_long_a_boards_answers_took_is_a_picture_a_table_and_what_rest_says() -> None:
    async with a_ward() as ward:
        bea = await ward.person("biomedical_engineer")
        assert 'href="/console/boards/board"' in await page(bea, "service")
        ward.world.station.devices.boards["board"].answers.came(7.5)
        told = (await bea.get("/v1/links"))["items"][0]
        for path, answers in (("boards/board", told["boards"][0]["answers"]), ("links/lockbus", told["answers"])):
            shown = await page(bea, path)
            bars = re.findall(r'<rect class="bar-other"[^>]* height="([0-9.]+)"', shown)
            assert [float(tall) > 0 for tall in bars] == [count > 0 for count in answers["counts"]]
            (table,) = re.findall(r"<caption class=\"unseen\">How long answers took</caption>(.*?)</table>", shown, re.DOTALL)
            assert [int(count) for count in re.findall(r'<td class="number">(\d+)</td>', table)] == answers["counts"]
            assert f"to {answers['steps_ms'][0]} ms" in table
        assert "The longest took 7500.0 ms." in await page(bea, "boards/board")
        answer = await ward.client.get("/console/boards/nobody", headers=cookies(bea))
        assert answer.status_code == 404
        assert "There is no lock board nobody." in answer.text
