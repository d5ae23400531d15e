"""An administrator: people, programs, terminals, and who outside is told; and everybody's own page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.console.asking import calling
from tests.console.fingers import surely
from tests.console.stand import Stand, standing
from tests.console.told import rows, told
from tests.kit.browser import Faults, NewContext, no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

PIN, OTHER = "806142", "951738"


async def _add(stand: Stand, page: Page, id_: str, name: str, role: str) -> None:
    await page.goto(f"{stand.url}/console/people")
    await page.get_by_role("link", name="Add somebody").click()
    await page.get_by_label("Short name").fill(id_)
    await page.get_by_label("Full name").fill(name)
    await page.get_by_label(role, exact=True).check()
    await page.get_by_label("First PIN").fill(PIN)
    await no_violations(page)
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.wait_for_url(f"**/console/people/{id_}")


async def test_somebody_new_comes_is_changed_and_comes_no_more(stand: Stand, terminal: Page, new_context: NewContext) -> None:
    await stand.log_in(terminal, "ada")
    await terminal.wait_for_url("**/console/people")
    for person in (await told(stand, "ada", "people"))["items"]:
        assert await terminal.get_by_role("link", name=re.compile(rf"^{person['name']} ")).count() == 1
    await no_violations(terminal)
    await _add(stand, terminal, "kim", "Kim Sato", "technician")
    await no_violations(terminal)
    stand.run.pins["kim"] = PIN
    hers = await stand.screen(await new_context())
    await stand.key_in(hers, "kim")
    await hers.wait_for_url("**/console/restock")

    await terminal.get_by_label("nurse", exact=True).check()
    await terminal.get_by_label("technician", exact=True).uncheck()
    await terminal.get_by_role("button", name="Keep name and roles").click()
    await terminal.locator("#live_person").get_by_text("nurse").wait_for()
    assert (await told(stand, "ada", "people/kim"))["roles"] == ["nurse"]
    await terminal.get_by_label("New PIN").fill(OTHER)
    async with terminal.expect_navigation():
        await terminal.get_by_role("button", name="Set the new PIN").click()
    await terminal.get_by_label("New badge").fill("4711004711")
    await terminal.get_by_role("button", name="Set the badge").click()
    await terminal.locator("#live_person").get_by_text("has a badge").wait_for()
    await terminal.get_by_text("This person may not come any more").click()
    await surely(terminal, "End all rights of Kim Sato")
    await terminal.wait_for_url("**/console/people")
    await hers.wait_for_url(f"{stand.url}/console")
    mine = [kind for kind, actor, _ in rows(stand, person="kim") if actor == "ada"]
    assert mine == ["person.added", "person.pin_set", "person.changed", "person.pin_set", "person.badge_set", "person.removed"]
    assert PIN not in str(rows(stand, person="kim"))


async def test_what_somebody_else_has_changed_is_not_written_over(stand: Stand, terminal: Page, faults: Faults) -> None:
    faults.excuse("412|409")
    await stand.log_in(terminal, "ada")
    await _add(stand, terminal, "lee", "Lee Wolf", "nurse")
    async with calling(stand, "ada") as ada:
        version = (await ada.api.get("/v1/people/lee")).headers["etag"]
        body = {"name": "Lee Wolff", "roles": ["nurse"]}
        answer = await ada.api.put("/v1/people/lee", json=body, headers={"If-Match": version})
        assert answer.is_success, answer.text
    await terminal.get_by_role("button", name="Keep name and roles").click()
    await terminal.get_by_text("changed-meanwhile").wait_for()
    assert (await told(stand, "ada", "people/lee"))["name"] == "Lee Wolff"


async def test_the_waiting_after_wrong_pins_is_ended(stand: Stand, terminal: Page) -> None:
    terminal_is = {"Galenic-Terminal": stand.run.credential}
    while httpx.post(f"{stand.url}/v1/sessions", json={"who": "theo", "pin": "000001"}, headers=terminal_is).status_code != 429:
        pass
    await stand.log_in(terminal, "ada")
    await terminal.goto(f"{stand.url}/console/people/theo")
    await terminal.get_by_text("wrong PINs since the last right one").wait_for()
    await no_violations(terminal)
    await terminal.get_by_role("button", name="End the waiting").click()
    await terminal.get_by_text("wrong PINs since the last right one").wait_for(state="detached")
    async with calling(stand, "theo"):
        pass


async def test_a_program_is_told_its_token_once(stand: Stand, terminal: Page) -> None:
    await stand.log_in(terminal, "ada")
    await terminal.get_by_role("link", name="Add a program").click()
    await terminal.get_by_label("Short name").fill("lab")
    await terminal.get_by_label("Full name").fill("Laboratory")
    await terminal.get_by_label("see-station").check()
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Add", exact=True).click()
    await terminal.wait_for_url("**/console/once/*")
    await no_violations(terminal)
    token = await terminal.locator(".once").inner_text()
    asked = httpx.get(f"{stand.url}/v1/station", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 200
    await terminal.reload()
    await terminal.get_by_text("It was shown once").wait_for()
    await terminal.goto(f"{stand.url}/console/people")
    await surely(terminal, "End lab")
    await terminal.get_by_role("button", name="End lab").wait_for(state="detached")
    assert httpx.get(f"{stand.url}/v1/station", headers={"Authorization": f"Bearer {token}"}).status_code == 401


async def test_a_terminal_is_enrolled_with_a_credential_that_is_told_once(
    stand: Stand, terminal: Page, new_context: NewContext
) -> None:
    await stand.log_in(terminal, "ada")
    await terminal.get_by_role("link", name="Terminals", exact=True).click()
    await no_violations(terminal)
    await terminal.get_by_role("button", name="Enrol hall-cart").click()
    await terminal.wait_for_url("**/console/once/*")
    credential = await terminal.locator(".once").inner_text()
    cart = await (await new_context()).new_page()
    await cart.goto(f"{stand.url}/console/enrol")
    await cart.get_by_label("Credential of the terminal").fill(credential)
    await cart.get_by_role("button", name="Keep it in this browser").click()
    await cart.get_by_label("Name or badge number").wait_for()
    await terminal.reload()
    await terminal.get_by_text("It was shown once").wait_for()
    await terminal.goto(f"{stand.url}/console/terminals")
    await surely(terminal, "End hall-cart")
    await terminal.get_by_role("button", name="End hall-cart").wait_for(state="detached")
    enrolled = {one["id"]: one["enrolled"] for one in (await told(stand, "ada", "terminals"))["items"]}
    assert enrolled == {"med-room": True, "hall-cart": False}
    assert [kind for kind, actor, _ in rows(stand, terminal="hall-cart") if actor == "ada"] == [
        "terminal.enrolled",
        "terminal.revoked",
    ]


async def test_everybody_changes_her_own_pin_and_the_language_of_the_screen(stand: Stand, terminal: Page, faults: Faults) -> None:
    faults.excuse("401|403")
    await stand.log_in(terminal, "petra")
    await terminal.get_by_role("link", name="Petra Vance").click()
    await terminal.wait_for_url("**/console/me")
    await no_violations(terminal)
    await terminal.get_by_label("PIN until now").fill("000002")
    await terminal.get_by_label("New PIN").fill(OTHER)
    await terminal.keyboard.press("Enter")
    await terminal.get_by_text("log-in-failed").wait_for()
    await terminal.get_by_label("PIN until now").fill(stand.run.pins["petra"])
    await terminal.get_by_label("New PIN").fill(OTHER)
    await terminal.keyboard.press("Enter")
    await terminal.get_by_text("Your PIN is another one now.").wait_for()
    stand.run.pins["petra"] = OTHER
    await terminal.get_by_role("button", name="Dark").click()
    await terminal.locator("html[data-theme=night]").wait_for()
    await terminal.wait_for_url("**/console/me")
    await no_violations(terminal)
    await terminal.get_by_role("main").get_by_role("button", name="Log off").click()
    await terminal.get_by_role("heading", name="Who are you?").wait_for()
    await stand.log_in(terminal, "petra")


OUTWARD = """
[outward]
hosts = ["127.0.0.1"]

[[outward.consumers]]
id = "warehouse"
service = "pharmacy"

[[outward.webhooks]]
id = "warehouse"
consumer = "warehouse"
url = "http://127.0.0.1:{port}/told"
plain = true
signatures = ["v1a", "v1"]
events = ["drawer.*", "person.*"]
"""


@asynccontextmanager
async def _receiver(answers: str) -> AsyncIterator[int]:
    """Answers every request with this status: its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        writer.write(f"HTTP/1.1 {answers}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_webhook_is_watched_switched_and_asked_again(tmp_path: Path, new_context: NewContext) -> None:
    loop = asyncio.get_running_loop()
    async with _receiver("204 No Content") as port:
        ward = standing(tmp_path, lambda text: text + OUTWARD.format(port=port))
        stand = await loop.run_in_executor(None, ward.__enter__)
        try:
            page = await stand.screen(await new_context())
            await stand.log_in(page, "ada")
            await page.get_by_role("link", name="Outward", exact=True).click()
            await page.get_by_role("link", name=re.compile("^warehouse arrives")).wait_for()
            await no_violations(page)
            await page.get_by_role("link", name=re.compile("^warehouse")).click()
            await page.get_by_role("cell", name="204").first.wait_for()
            attempts = (await told(stand, "ada", "webhooks/warehouse/attempts"))["items"]
            shown = await page.locator("#live_attempts tbody tr td:first-child").all_inner_texts()
            assert set(shown) <= {str(one["sequence"]) for one in attempts}
            await no_violations(page)
            await page.get_by_label("Send one event again").fill(shown[0])
            await page.get_by_role("button", name="Send again").click()
            await page.get_by_role("cell", name="ada", exact=True).wait_for()
            await page.get_by_role("button", name="Switch it off").click()
            await page.get_by_role("button", name="Switch it on").click()
            await page.get_by_role("button", name="Switch it off").wait_for()
            await page.get_by_role("button", name="New key for v1", exact=True).click()
            await page.wait_for_url("**/console/once/*")
            assert (await page.locator(".once").inner_text()).startswith("whsec_")
            mine = [kind for kind, actor, _ in rows(stand, webhook="warehouse") if actor == "ada"]
            assert mine == ["webhook.resent", "webhook.disabled", "webhook.enabled", "webhook.key_changed"]
            await page.close()
        finally:
            await loop.run_in_executor(None, ward.__exit__, None, None, None)
