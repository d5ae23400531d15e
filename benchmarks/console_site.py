"""The ward of the console's benches, as files: twenty consoles, each beside a cabinet of its own with six drawers on a lock board.

A cabinet opens one drawer at a time and a coil rests after its pulse, so that at one cabinet twenty nurses would wait for steel and
for each other; what is measured here is the console. Every board has a TCP connection of its own, with no silences prescribed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CONSOLES, DRAWERS, POCKETS = 20, 6, 4
PLENTY = 900
"""Units in every pocket: ten minutes of ward work do not empty one."""


def terminal(n: int) -> str:
    """The console of nurse n."""
    return f"desk-{n:02}"


def nurse(n: int) -> str:
    """Her id."""
    return f"nurse-{n:02}"


def patient(n: int) -> str:
    """Her patient."""
    return f"P-{n:02}"


def orders(n: int) -> list[str]:
    """What may be given to that patient at any time: one from each drawer of her cabinet."""
    return [f"O-{n:02}-{k}" for k in range(DRAWERS)]


def write(folder: Path, ports: list[int]) -> Path:
    """All files of it. Returns the site file."""
    site = folder / "ward.toml"
    site.write_text("\n".join(_site(ports)))
    for name, lines in (("items", _items()), ("patients", _patients()), ("orders", _orders()), ("stock", _stock())):
        (folder / f"{name}.toml").write_text("\n".join(lines))
    return site


def _site(ports: list[int]) -> Iterator[str]:
    yield '[station]\nid = "bench"\nname = "Bench"\nsimulated = true\narea = "bench"\n[policy]\nidle_s = 600\npin_digits = 6'
    yield '[data]\nformulary = "items.toml"\npatients = "patients.toml"\norders = "orders.toml"\nstock = "stock.toml"'
    for n, port in enumerate(ports):
        yield f'[links.l{n}]\nurl = "tcp://127.0.0.1:{port}"\nprotocol = "kerong-cu16"\nquiet_ms = 0'
    for n in range(len(ports)):
        yield f'[[boards]]\nid = "b{n}"\ndriver = "kerong-cu16"\nlink = "l{n}"\naddress = {n % 10}'
        yield f'[[terminals]]\nid = "{terminal(n)}"\nname = "Desk {n}"'
        yield f'[[cabinets]]\nid = "C-{n:02}"\nname = "Cabinet {n}"\nwidth_mm = 600\nheight_mm = 1500'
        for k in range(DRAWERS):
            yield f'[[drawers]]\nid = "D-{n:02}-{k}"\ncabinet = "C-{n:02}"\nlock = {{ board = "b{n}", channel = {k + 1} }}'
            yield f"place = {{ x_mm = 20, y_mm = {20 + 245 * k}, width_mm = 560, height_mm = 215 }}\npockets = ["
            for i in range(POCKETS):
                place = f"{{ x_mm = {i * 120}, y_mm = 0, width_mm = 120, height_mm = 400 }}"
                yield f'{{ id = "{_pocket(n, k, i)}", item = "{_item(n, k, i)}", capacity = {PLENTY + 99}, place = {place} }},'
            yield "]"


def _items() -> Iterator[str]:
    for n, k, i in _everywhere():
        yield f'[[items]]\nid = "{_item(n, k, i)}"\nname = "medicine {n}-{k}-{i}"\nform = "tablet"\nunit = "tablet"'
        yield 'strength = { value = "5", unit = "mg" }'


def _patients() -> Iterator[str]:
    for n in range(CONSOLES):
        yield f'[[patients]]\nid = "{patient(n)}"\nmrn = "{n:07}"\nfamily = "Family {n}"\ngiven = "Given"\nborn = 1950-01-01'
        yield f'area = "bench"\nbed = "{n + 1:02}-A"'


def _orders() -> Iterator[str]:
    for n in range(CONSOLES):
        for k, id_ in enumerate(orders(n)):
            yield f'[[orders]]\nid = "{id_}"\npatient = "{patient(n)}"\nitem = "{_item(n, k, 0)}"\nstate = "verified"'
            yield f'dose = {{ value = "5", unit = "mg" }}\nschedule = {{ kind = "prn" }}\nfiller = "RX-{id_}"'


def _stock() -> Iterator[str]:
    for n, k, i in _everywhere():
        yield f'[[lots]]\npocket = "{_pocket(n, k, i)}"\nlot = "A"\nexpiry = 2099-01-31\nquantity = {PLENTY}'


def _everywhere() -> Iterator[tuple[int, int, int]]:
    for n in range(CONSOLES):
        for k in range(DRAWERS):
            for i in range(POCKETS):
                yield n, k, i


def _pocket(n: int, k: int, i: int) -> str:
    return f"D-{n:02}-{k}-{i + 1}"


def _item(n: int, k: int, i: int) -> str:
    return f"item-{n:02}-{k}-{i}"
