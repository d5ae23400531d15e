"""The browser of the tests can fail: each thing that no page may do is done once, on purpose."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.browser import SCREENS, Faults, NewContext, no_violations, settled
from tests.kit.pages import POLICY, Shelf

if TYPE_CHECKING:
    from playwright.async_api import Page

SCRIPT = Path(__file__).with_name("chromium.sh")


def html(body: str, head: str = "") -> str:
    """A page that is right but for what is put into it."""
    top = f'<!doctype html><html lang="en"><head><title>A page</title>{head}</head>'
    return f"{top}<body><main><h1>A page</h1>{body}</main></body></html>"


CALM = html("<p>Nothing opened.</p>", '<link rel="stylesheet" href="calm.css">')


@pytest.mark.parametrize("screen", SCREENS)
async def test_a_calm_page_is_seen_at_each_screen_with_touch_and_nothing_is_said(
    page: Page, screen: str, faults: Faults, shelf: Shelf
) -> None:
    at = shelf.put({"calm.html": CALM, "calm.css": "p { color: #10181f }"})
    await page.goto(f"{at}calm.html")
    assert await page.evaluate("[innerWidth, innerHeight]") == list(SCREENS[screen])
    assert await page.evaluate("navigator.maxTouchPoints") > 0
    await no_violations(page)
    assert faults.seen == []


WRONG = {
    "an outside picture": (
        '<img alt="" src="http://pictures.example/a.png">',
        None,
        r"another host: http://pictures\.example/a\.png",
    ),
    "an outside socket": (
        '<script src="own.js"></script>',
        'new WebSocket("ws://push.example/")',
        r"another host: ws://push\.example/",
    ),
    "this machine by another name": ('<script src="http://localhost:1/a.js"></script>', None, r"another host: http://localhost:1/"),
    "an error on the console": ('<script src="own.js"></script>', 'console.error("lost it")', r"console: lost it"),
    "an exception": ('<script src="own.js"></script>', 'throw new Error("lost it")', r"uncaught: (Error: )?lost it"),
    "a rejection": ('<script src="own.js"></script>', 'Promise.reject(new Error("lost it"))', r"uncaught: (Error: )?lost it"),
    "an inline script": ("<script>document.title = 'b'</script>", None, r"(?i)content.(security )?policy.*script-src"),
    "an inline style": ('<p style="color: red">Stop</p>', None, r"(?i)content.(security )?policy.*style-src"),
    "a missing file": ('<script src="missing.js"></script>', None, r"console: Failed to load resource.*404"),
}


async def seen(page: Page, faults: Faults, wanted: str) -> None:
    """Waits for the fault, and makes sure that it would have failed the test."""
    async with asyncio.timeout(10):
        while not any(re.search(wanted, fault) for fault in faults.seen):
            await settled(page)
    with pytest.raises(AssertionError, match=r"did what no page may"):
        faults.settle()
    faults.excuse(r".")


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_no_page_may_do_fails_the_test(page: Page, faults: Faults, wrong: str, shelf: Shelf) -> None:
    body, script, told = WRONG[wrong]
    policy = "style-src 'self'; script-src-elem 'self' http:" if "another host" in told else POLICY
    at = shelf.put({"wrong.html": html(body), "own.js": script or ""}, policy)
    await page.goto(f"{at}wrong.html")
    await seen(page, faults, told)


async def test_an_excuse_that_nothing_needed_fails_the_test(faults: Faults) -> None:
    faults.excuse("lost it")
    with pytest.raises(AssertionError, match="did not happen"):
        faults.settle()


PALE = html('<p class="pale">Take 2 tablets</p>', '<link rel="stylesheet" href="pale.css">')


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (PALE, "color-contrast"),
        (html("<button></button>"), "button-name"),
        (html('<input name="count">'), "label"),
        (html("<p>x</p>").replace(' lang="en"', ""), "html-has-lang"),
        (
            html('<a href="#a" class="tiny">a</a><a href="#b" class="tiny">b</a>', '<link rel="stylesheet" href="pale.css">'),
            "target-size",
        ),
    ],
)
async def test_axe_finds_what_is_wrong_under_the_strict_policy(page: Page, body: str, rule: str, shelf: Shelf) -> None:
    style = ".pale { color: #999; background: #fff } .tiny { display: inline-block; width: 8px; height: 8px; font-size: 8px }"
    at = shelf.put({"pale.html": body, "pale.css": style})
    await page.goto(f"{at}pale.html")
    with pytest.raises(AssertionError, match=rule):
        await no_violations(page)


async def test_every_test_has_a_fresh_context_and_two_people_are_two(new_context: NewContext, shelf: Shelf) -> None:
    at = shelf.put({"calm.html": CALM, "calm.css": ""})
    one, other = [await (await new_context()).new_page() for _ in range(2)]
    await one.goto(f"{at}calm.html")
    await other.goto(f"{at}calm.html")
    await one.evaluate("document.cookie = 'badge=1'")
    assert await other.evaluate("document.cookie") == ""


def only(folder: Path, programs: dict[str, str]) -> str:
    """A search path on which these programs are, beside the few that any shell script needs."""
    for name in ("mktemp", "cat", "rm", "bash"):
        (folder / name).symlink_to(next(found for place in ("/usr/bin", "/bin") if (found := Path(place, name)).exists()))
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


ROOT, NURSE = {"id": "echo 0"}, {"id": "echo 1000"}


@pytest.mark.parametrize(
    ("programs", "setting", "code", "said"),
    [
        ({**NURSE, "chromium": "exit 3"}, {}, 0, ""),
        ({**NURSE, "chromium-headless-shell": "exit 3"}, {}, 0, ""),
        ({**NURSE}, {"GALENIC_NO_BROWSER": "1"}, 0, "the tests in a real browser are left out"),
        ({**NURSE, "apt-get": "exit 0"}, {}, 1, "chromium-headless-shell, or chromium), and this user may not install it"),
        ({**ROOT}, {}, 1, "chromium-headless-shell, or chromium), and this user may not install it"),
        (
            {**ROOT, "apt-get": "echo no such package; exit 100"},
            {},
            1,
            "no such package\nChromium (Debian package chromium-headless-shell) could not",
        ),
        ({**ROOT, "apt-get": "exit 0"}, {}, 0, "Installing Chromium for the tests, once"),
    ],
    ids=["it is here", "without its window", "left out", "no right to", "no apt-get", "no package", "installed"],
)
def test_the_installer_says_what_is_missing(
    tmp_path: Path, programs: dict[str, str], setting: dict[str, str], code: int, said: str
) -> None:
    environment = {"PATH": only(tmp_path, programs), "TMPDIR": str(tmp_path), **setting}
    done = subprocess.run(["/bin/bash", str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, said in done.stderr) == (code, True), done
