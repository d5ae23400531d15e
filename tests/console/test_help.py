"""The integrator's pages in a browser, and the API page's lines pasted into a shell beside a running ward."""

from __future__ import annotations

import html
import json
import re
import subprocess
import zipfile
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.stand import Stand
from tests.kit.browser import no_violations

if TYPE_CHECKING:
    from playwright.async_api import Page

UNKNOWN = {"not-found", "method-not-allowed", "bad-request", "log-in-needed", "not-allowed", "terminal-not-enrolled"}


@pytest.mark.parametrize("theme", ["day", "night"])
async def test_they_read_well(stand: Stand, page: Page, theme: str) -> None:
    await page.context.add_cookies([{"name": "galenic-theme", "value": theme, "url": stand.url}])
    for path in ("/help", "/help/problems/drawer-held"):
        await page.goto(f"{stand.url}{path}")
        await no_violations(page)


async def test_the_long_ones_too(stand: Stand, page: Page) -> None:
    """In one theme: axe takes seconds on each of them. `make proof` looks at them in both, and in every language (AXE)."""
    await page.goto(f"{stand.url}/help/problems")
    await no_violations(page)
    await page.goto(f"{stand.url}/help/api")
    await page.locator("#pulls ~ article summary").first.click()
    await no_violations(page)


async def test_a_refusal_leads_to_its_page_and_that_to_all_of_them(stand: Stand, page: Page) -> None:
    type_ = httpx.get(f"{stand.url}/v1/station").json()["type"]
    await page.goto(f"{stand.url}{type_}")
    await page.get_by_role("link", name="All of them").click()
    await page.get_by_role("heading", name="Status 401").wait_for()


async def test_each_question_on_the_api_page_is_answered_as_it_is_pasted(stand: Stand) -> None:
    text = httpx.get(f"{stand.url}/help/api").text
    lines = [html.unescape(line) for line in re.findall(r'<pre class="paste"[^>]*>(.*?)</pre>', text, re.DOTALL)]
    log_ins = [line for line in lines if "/v1/sessions" in line and ">" in line]
    assert {line.rpartition("> ")[2] for line in log_ins} == set(stand.run.pins)
    asks = [line for line in lines if " -X " not in line and "--json" not in line and "/v1/events" not in line]
    assert len(asks) > 40
    for line in log_ins:
        subprocess.run(line, shell=True, check=True, cwd=stand.run.folder, timeout=20)
    for line in asks:
        done = subprocess.run(line, shell=True, check=True, cwd=stand.run.folder, timeout=20, capture_output=True, text=True)
        if " -OJ " in line:
            assert zipfile.is_zipfile(next(stand.run.folder.glob("galenic-*.zip")))
        else:
            assert json.loads(done.stdout).get("code") not in UNKNOWN, (line, done.stdout)


async def test_the_first_work_on_the_api_page_can_be_pasted(stand: Stand) -> None:
    text = html.unescape(httpx.get(f"{stand.url}/help/api").text)
    for wanted, answer in (("> nina", None), ("-X PUT .*/v1/pulls/", "authorised|reserved|accessing"), ("/v1/people/nina ", None)):
        line = next(line for line in re.findall(r"curl -s [^<]*", text) if re.search(wanted, line + " "))
        done = subprocess.run(line, shell=True, check=True, cwd=stand.run.folder, timeout=20, capture_output=True, text=True)
        assert answer is None or re.search(answer, json.loads(done.stdout)["state"]), done.stdout
