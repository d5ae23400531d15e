"""The article master and deliveries in the words of WWKS 2 (device notes, 1.8). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.robot_deliveries import DeliveryLine, MasterArticle, SetAnswer, SetSaid
from firmware_protocols.wwks2 import parts, words


def master(articles: Sequence[MasterArticle], owned: str = "") -> tuple[parts.MasterArticle, ...]:
    """The whole master: what is not in it the robot forgets."""
    return tuple(
        parts.MasterArticle(
            id=one.article,
            name=one.name,
            dosage_form=one.dosage_form,
            packaging_unit=one.packaging_unit,
            requires_fridge=one.fridge,
            max_sub_item_quantity=one.units_in_full_pack or None,
            stock_location_id=owned or None,
            product_codes=tuple(parts.ProductCode(code=code) for code in one.codes),
        )
        for one in articles
    )


def delivery(number: str, lines: Sequence[DeliveryLine], owned: str = "") -> parts.StockDelivery:
    """One delivery. Raises ValueError for one that says nothing: 0 would be no limit."""
    if not number or not lines or min(line.packs for line in lines) < 1:
        raise ValueError(f"a delivery has a number, and lines of packs: {number!r}, {lines}")
    articles = tuple(
        parts.DeliveredArticle(
            id=line.article,
            batch_number=line.batch,
            expiry_date=line.expiry,
            quantity=line.packs,
            stock_location_id=owned or None,
        )
        for line in lines
    )
    return parts.StockDelivery(delivery_number=number, articles=articles)


def said(result: parts.SetResult | None) -> SetSaid:
    """The robot's word; None is silence."""
    if result is None:
        return SetSaid(answer=SetAnswer.SILENT)
    taken = result.value is words.Accepted.ACCEPTED
    return SetSaid(answer=SetAnswer.ACCEPTED if taken else SetAnswer.REJECTED, text=result.text or "")
