"""The console where there is no station: it says why, in the language of that browser."""

from __future__ import annotations

import httpx
import pytest

from api.app import create_app
from api.console.visitor import LANGUAGE
from api.standing import Standing


@pytest.mark.parametrize(("language", "heading", "title"), [
    ("en", "Nothing moves", "The site file is wrong"), ("es", "Nada se mueve", "El archivo de sitio es incorrecto"),
    ("fr", "Rien ne bouge", "Le fichier de site est faux"), ("de", "Nichts bewegt sich", "Die Standortdatei ist falsch"),
    ("xx", "Nothing moves", "The site file is wrong"),
])  # fmt: skip
async def test_a_broken_site_file_is_said_in_the_language_of_the_browser(language: str, heading: str, title: str) -> None:
    standing = Standing(reasons=[("site-file-wrong", {})], findings=[{"where": "drawers.0", "what": "no such board"}])
    transport = httpx.ASGITransport(create_app(standing))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies={LANGUAGE: language}) as client:
        answer = await client.get("/console")
    assert answer.status_code == 503
    for said in (f"<h1>{heading}</h1>", f"<h2>{title}</h2>", "drawers.0 · no such board", "site-file-wrong"):
        assert said in answer.text
    assert f'<html lang="{language if language != "xx" else "en"}">' in answer.text
