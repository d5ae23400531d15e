"""Packs, articles and days of the plant in the interface's form, and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from firmware_protocols.wwks2 import parts
from firmware_protocols.wwks2.words import ExpirySource, LabelStatus, PackState, Shape
from simulators.plant.robot.book import Book
from simulators.plant.robot.orders import Out
from simulators.plant.robot.pack import Article, Held


def day(text: str) -> date | None:
    """A day of the plant; None where it has none."""
    return date.fromisoformat(text) if text else None


def text(day: date | None) -> str:
    """A day of the interface."""
    return day.isoformat() if day else ""


def pack_of(held: Held, **more: object) -> parts.Pack:
    """[Pack] of a pack in the book (1.7). `more`: fields that belong to an input or output."""
    about: dict[str, object] = {
        "id": held.id,
        "scan_code": held.scan_code,
        "delivery_number": held.delivery or None,
        "batch_number": held.batch or None,
        "external_id": held.external or None,
        "serial_number": held.serial or None,
        "expiry_date": day(held.expiry),
        "expiry_date_source": ExpirySource(held.expiry_source),
        "stock_in_date": day(held.stock_in),
        "sub_item_quantity": held.sub_items,
        "depth": held.depth_mm,
        "width": held.width_mm,
        "height": held.height_mm,
        "shape": Shape(held.shape),
        "is_in_fridge": held.in_fridge,
        "stock_location_id": held.stock_location or None,
        "machine_location": held.machine_location or None,
    }
    return parts.Pack(**{**about, **more})  # type: ignore[arg-type]


def stored(held: Held) -> parts.Pack:
    """A pack in the rack."""
    if held.state == "NotAvailable":
        return pack_of(held, state=PackState.NOT_AVAILABLE)
    return pack_of(held, state=PackState.RESERVED if held.reserved else PackState.AVAILABLE)


def came_out(out: Out, order: str) -> parts.Pack:
    """A pack at an output. The recorded robot writes the order's Id where a delivery's number would stand (1.13, odd case 3)."""
    return pack_of(
        out.held,
        delivery_number=order,
        output_destination=int(out.output),
        box_number=out.box or None,
        label_status=LabelStatus(out.label),
    )


def article_of(article: Article, packs: Iterable[parts.Pack] = (), *, details: bool = True, **more: int | None) -> parts.Article:
    """[Article] of an article (1.7)."""
    if not details:
        return parts.Article(id=article.id, packs=tuple(packs), **more)  # type: ignore[arg-type]
    return parts.Article(
        id=article.id,
        name=article.name or None,
        dosage_form=article.dosage_form or None,
        packaging_unit=article.packaging_unit or None,
        max_sub_item_quantity=article.max_sub_items or None,
        virtual_id=article.virtual_id or None,
        virtual_name=article.virtual_name or None,
        requires_fridge=article.requires_fridge or None,
        packs=tuple(packs),
        **more,  # type: ignore[arg-type]
    )


def by_article(book: Book, outs: Iterable[Out], order: str, *, counted: bool = False) -> tuple[parts.Article, ...]:
    """Packs at outputs, under their articles; `counted` says how many."""
    under: dict[str, list[parts.Pack]] = {}
    for out in outs:
        under.setdefault(out.held.article, []).append(came_out(out, order))
    return tuple(
        parts.Article(
            id=id,
            virtual_id=book.articles[id].virtual_id or None,
            quantity=len(packs) if counted else None,
            packs=tuple(packs),
        )
        for id, packs in under.items()
    )
