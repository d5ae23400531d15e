"""The rules of `[outward]`: names, the list of hosts that may be reached, and what must be said in so many words."""

from __future__ import annotations

from urllib.parse import urlsplit

from sites.positions import Path as KeyPath
from sites.reading import TomlFile, rows, text
from sites.references import exists, given_once, names

LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def check_outward(file: TomlFile) -> None:
    """Every rule that one table of it cannot see by itself."""
    table = file.table.get("outward")
    if not isinstance(table, dict):
        return
    for kind in ("consumers", "brokers", "webhooks"):
        given_once(file, [(("outward", *path), name) for path, name in names(table, kind)], kind[:-1])
    listed = table.get("hosts")
    hosts = [host for host in listed if isinstance(host, str)] if isinstance(listed, list) else []
    known = [name for _, name in names(table, "consumers")]
    taken: dict[str, KeyPath] = {}
    for kind in ("brokers", "webhooks"):
        for index, row in rows(table, kind):
            path: KeyPath = ("outward", kind, index)
            consumer = text(row, "consumer")
            if exists(file, (*path, "consumer"), consumer, known, "consumer"):
                _own_cursor(file, (*path, "consumer"), str(consumer), taken)
            url = text(row, "url")
            key, host = ("host", text(row, "host")) if kind == "brokers" else ("url", urlsplit(url).hostname if url else None)
            exists(file, (*path, key), host, hosts, "allowed host (`outward.hosts`)")
            _encrypted(file, path, row.get("plain") is True, url, host)
    if rows(table, "brokers"):
        _alike(file)


def check_partners(file: TomlFile) -> None:
    """Every rule that one partner cannot see by itself."""
    given_once(file, names(file.table, "partners"), "partner")
    station = file.table.get("station")
    for index, row in rows(file.table, "partners"):
        path: KeyPath = ("partners", index)
        if isinstance(station, dict) and text(row, "id") == station.get("id"):
            file.say("error", (*path, "id"), "this is the station itself; a partner is another one")
        url = text(row, "url")
        if url is not None:
            _encrypted(file, path, row.get("plain") is True, url, urlsplit(url).hostname)


def _own_cursor(file: TomlFile, path: KeyPath, consumer: str, taken: dict[str, KeyPath]) -> None:
    """A cursor says how far one way has come: two ways cannot share it."""
    if consumer in taken:
        line, _ = file.place(taken[consumer])
        file.say("error", path, f"the broker or webhook on line {line} moves this cursor; each needs a consumer of its own")
    taken.setdefault(consumer, path)


def _encrypted(file: TomlFile, path: KeyPath, plain: bool, url: str | None, host: str | None) -> None:
    """Unencrypted only where that is written down, and never unnoticed beyond this machine."""
    if url is not None and url.startswith("http://") and not plain:
        file.say("error", (*path, "url"), "this is not encrypted; `plain = true` would say that it is meant")
    if plain and host not in LOOPBACK:
        file.say("warning", (*path, "plain"), "whoever is on that network can read along")


def _alike(file: TomlFile) -> None:
    """Topics are lower-case: two drawers or links whose names differ only in that would be one thing there."""
    links = file.table.get("links")
    given_once(file, [(path, name.lower()) for path, name in names(file.table, "drawers")], "drawer (topics are lower-case)")
    wires: list[tuple[KeyPath, str]] = [(("links", name), name.lower()) for name in (links if isinstance(links, dict) else {})]
    given_once(file, wires, "link (topics are lower-case)")
