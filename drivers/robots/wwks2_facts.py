"""Between the words of WWKS 2 and those of `drivers.robot_facts`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from drivers.robot_facts import (
    AskedPack,
    CancelAnswer,
    InputRuling,
    InputVerdict,
    OrderPriority,
    OutputEnd,
    PackRuling,
    PickLine,
    PickOrder,
    RobotPack,
    StoredArticle,
    TaskStatus,
)
from drivers.robot_labels import LabelState
from firmware_protocols.wwks2 import parts, words
from firmware_protocols.wwks2.messages import InputRequest

PRIORITIES = {
    OrderPriority.LOW: words.Priority.LOW,
    OrderPriority.NORMAL: words.Priority.NORMAL,
    OrderPriority.HIGH: words.Priority.HIGH,
}
RULINGS = {
    InputRuling.ALLOWED: words.Verdict.ALLOWED,
    InputRuling.ALLOWED_FOR_FRIDGE: words.Verdict.ALLOWED_FOR_FRIDGE,
    InputRuling.REJECTED: words.Verdict.REJECTED,
    InputRuling.NO_EXPIRY: words.Verdict.REJECTED_NO_EXPIRY_DATE,
    InputRuling.NO_PICKING_INDICATOR: words.Verdict.REJECTED_NO_PICKING_INDICATOR,
    InputRuling.NO_BATCH: words.Verdict.REJECTED_NO_BATCH_NUMBER,
    InputRuling.NO_SERIAL: words.Verdict.REJECTED_NO_SERIAL_NUMBER,
    InputRuling.NO_STOCK_LOCATION: words.Verdict.REJECTED_NO_STOCK_LOCATION,
    InputRuling.WRONG_STOCK_LOCATION: words.Verdict.REJECTED_INVALID_STOCK_LOCATION,
}
TASKS = {
    words.TaskStatus.UNKNOWN: TaskStatus.NOT_FOUND,
    words.TaskStatus.QUEUED: TaskStatus.QUEUED,
    words.TaskStatus.IN_PROCESS: TaskStatus.IN_PROCESS,
    words.TaskStatus.ABORTING: TaskStatus.ABORTING,
    words.TaskStatus.ABORTED: TaskStatus.ABORTED,
    words.TaskStatus.COMPLETED: TaskStatus.COMPLETED,
    words.TaskStatus.INCOMPLETE: TaskStatus.INCOMPLETE,
}
CANCELS = {
    words.CancelStatus.CANCELLED: CancelAnswer.CANCELLED,
    words.CancelStatus.CANCEL_ERROR: CancelAnswer.REFUSED,
    words.CancelStatus.UNKNOWN: CancelAnswer.NOT_FOUND,
}
LABELS = {
    words.LabelStatus.LABELLED: LabelState.LABELLED,
    words.LabelStatus.NOT_LABELLED: LabelState.NOT_LABELLED,
    words.LabelStatus.LABEL_ERROR: LabelState.FAILED,
}
ENDS = {
    words.OutputStatus.COMPLETED: OutputEnd.COMPLETED,
    words.OutputStatus.INCOMPLETE: OutputEnd.INCOMPLETE,
    words.OutputStatus.ABORTED: OutputEnd.ABORTED,
}
"""The final ones; every other status of an OutputMessage is progress."""


def details(order: PickOrder) -> parts.OutputDetails:
    """Where an order goes to."""
    return parts.OutputDetails(priority=PRIORITIES[order.priority], output_destination=order.output, output_point=order.point)


def criteria(line: PickLine, owned: str = "") -> parts.OutputCriteria:
    """One line of an order, limited to the stock location that is `owned`.

    Raises ValueError for one that asks for nothing, or for less than nothing.
    """
    if min(line.packs, line.units) < 0 or not (line.packs or line.units or line.pack):
        raise ValueError(f"a line asks for packs, for units or for one pack: {line}")
    return parts.OutputCriteria(
        article_id=line.article,
        quantity=0 if line.units else max(line.packs, int(line.pack is not None)),
        sub_item_quantity=line.units or None,
        minimum_expiry_date=line.expires_from,
        batch_number=line.batch,
        external_id=line.external,
        serial_number=line.serial,
        stock_location_id=line.stock_location or owned or None,
        machine_location=line.machine,
        single_batch_number=line.one_batch,
        pack_id=line.pack,
        labels=tuple(parts.Label(template_id=one.template, content=parts.Content(text=one.data)) for one in line.labels),
    )


def pack(one: parts.Pack, article: str | None) -> RobotPack:
    """A pack as a robot told of it. An empty text is none, and so are the zeros that stand for what is not set."""
    return RobotPack(
        id=one.id or None,
        article=article,
        scan_code=one.scan_code or None,
        batch=one.batch_number or None,
        serial=one.serial_number or None,
        external=one.external_id or None,
        expiry=one.expiry_date,
        units=one.sub_item_quantity or None,
        delivery=one.delivery_number or None,
        stock_location=one.stock_location_id or None,
        machine=one.machine_location or None,
        in_fridge=bool(one.is_in_fridge),
        available=one.state in {None, words.PackState.AVAILABLE},
        output=one.output_destination,
        box=one.box_number or None,
        label=None if one.label_status is None else LABELS[one.label_status],
    )


def asks_after(articles: Iterable[str], owned: str) -> tuple[parts.StockCriteria, ...]:
    """A question after the stock of these, or of all, as far as it is ours. None at all asks after everything."""
    wanted = tuple(parts.StockCriteria(article_id=one, stock_location_id=owned or None) for one in articles)
    return wanted or ((parts.StockCriteria(stock_location_id=owned),) if owned else ())


def ours(one: parts.Pack, owned: str) -> bool:
    """Whether a pack is of the stock location that is owned (1.7): not where it names another one."""
    return not owned or one.stock_location_id in {None, "", owned}


def packs(articles: Iterable[parts.Article], owned: str = "") -> tuple[RobotPack, ...]:
    """All packs of these articles that are ours."""
    return tuple(pack(one, article.id) for article in articles for one in article.packs if ours(one, owned))


def stored(articles: Iterable[parts.Article], owned: str = "") -> tuple[StoredArticle, ...]:
    """Articles as a robot told of them. What it did not count, or counted with packs of others, is what it listed of ours."""
    return tuple(
        StoredArticle(id=one.id, name=one.name or None, quantity=_quantity(one, owned), packs=packs((one,), owned))
        for one in articles
        if one.id
    )


def _quantity(one: parts.Article, owned: str) -> int:
    listed = [ours(pack, owned) for pack in one.packs]
    return sum(listed) if one.quantity is None or not all(listed) else one.quantity


def asked(request: InputRequest) -> tuple[AskedPack, ...]:
    """The packs on the belt. One without an index has its place in the list."""
    return tuple(
        AskedPack(
            index=place if one.index is None else one.index,
            scan_code=one.scan_code or "",
            delivery=one.delivery_number or None,
            batch=one.batch_number or None,
            serial=one.serial_number or None,
            external=one.external_id or None,
            expiry=one.expiry_date,
            units=one.sub_item_quantity or None,
            stock_location=one.stock_location_id or None,
        )
        for place, one in enumerate(request.article.packs)
    )


def answer(request: InputRequest, verdict: InputVerdict, owned: str = "") -> parts.Article:
    """The verdict, with every attribute that was asked with told back: a robot may take what is left out for a reset (1.10).

    Raises ValueError for a pack without a ruling.
    """
    rulings = {ruling.index: ruling for ruling in verdict.packs}
    if missing := [one.index for one in asked(request) if one.index not in rulings]:
        raise ValueError(f"packs without a ruling: {missing}")
    answered = tuple(
        _ruled(one, rulings[known.index], owned) for one, known in zip(request.article.packs, asked(request), strict=True)
    )
    scanned = next((one.scan_code for one in request.article.packs if one.scan_code), None)
    article = request.article
    return replace(
        article,
        id=verdict.article or article.id or scanned,
        name=verdict.name or article.name,
        dosage_form=verdict.dosage_form or article.dosage_form,
        packaging_unit=verdict.packaging_unit or article.packaging_unit,
        max_sub_item_quantity=verdict.units_in_full_pack or article.max_sub_item_quantity,
        requires_fridge=True if verdict.fridge else article.requires_fridge,
        packs=answered,
    )


def _ruled(one: parts.Pack, ruling: PackRuling, owned: str) -> parts.Pack:
    return replace(
        one,
        batch_number=one.batch_number if ruling.batch is None else ruling.batch,
        serial_number=one.serial_number if ruling.serial is None else ruling.serial,
        expiry_date=one.expiry_date if ruling.expiry is None else ruling.expiry,
        sub_item_quantity=one.sub_item_quantity if ruling.units is None else ruling.units,
        stock_location_id=(one.stock_location_id or owned or None) if ruling.stock_location is None else ruling.stock_location,
        handling=parts.Handling(input=RULINGS[ruling.ruling], text=ruling.text or None),
    )
