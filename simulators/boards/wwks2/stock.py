"""Stock as the robot's book has it: asked for, told when it changes, corrected, announced (1.8, 1.9)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2 import parts
from firmware_protocols.wwks2.words import Accepted, Reason, TaskStatus
from simulators.boards.wwks2.client import Client
from simulators.boards.wwks2.station import Wwks2Station, back, unasked
from simulators.boards.wwks2.words import article_of, stored, text
from simulators.plant.robot.book import Announced, Wanted
from simulators.plant.robot.pack import Article, Held

UPDATABLE = {
    "batch_number": "batch",
    "external_id": "external",
    "serial_number": "serial",
    "sub_item_quantity": "sub_items",
    "stock_location_id": "stock_location",
    "machine_location": "machine_location",
}
"""What a StockUpdateRequest may change of a pack, by the name here and in the book."""


def listen(station: Wwks2Station) -> None:
    """Tells every client what changes in stock."""
    picker = station.robot.picker
    picker.on_changed = lambda article: _changed(station, article)
    picker.on_corrected = lambda held: _corrected(station, held)


def _changed(station: Wwks2Station, article: str) -> None:
    """The new total, as the recorded robot says it: no packs, and no name once there is none left (1.9)."""
    book = station.robot.book

    def total(client: Client) -> w.StockInfoMessage:
        count = book.count(article, client.tenant)
        body = article_of(book.articles[article], details=count > 0, quantity=count)
        return w.StockInfoMessage(**unasked(station, client), articles=(body,))

    station.tell(total)


def _corrected(station: Wwks2Station, held: Held) -> None:
    """A pack whose data have changed."""
    book = station.robot.book
    body = article_of(book.articles[held.article], [stored(held)], quantity=book.count(held.article, held.tenant))
    station.tell(lambda client: w.StockInfoMessage(**unasked(station, client), articles=(body,)), tenant=held.tenant)


def wanted(criteria: parts.StockCriteria, client: Client) -> Wanted:
    """A filter of the interface as one of the book: nobody sees what another tenant has."""
    return Wanted(
        tenant=client.tenant,
        article=criteria.article_id or "",
        batch=criteria.batch_number or "",
        external=criteria.external_id or "",
        serial=criteria.serial_number or "",
        stock_location=criteria.stock_location_id or "",
        machine_location=criteria.machine_location or "",
        pack=criteria.pack_id or 0,
    )


def info(station: Wwks2Station, client: Client, asked: w.StockInfoRequest) -> None:
    """What is in stock. A long answer is assembled for a while; what is asked meanwhile is answered before it."""
    book = station.robot.book
    if client.assembling >= station.manners.most_assembling:
        client.refuse(asked, Reason.TOO_MANY_REQUESTS, f"{client.assembling} stock answers are being assembled")
        return
    packs = sum(1 for criteria in asked.criteria or (parts.StockCriteria(),) for _ in book.find(wanted(criteria, client)))
    client.assembling += 1
    client.timers.after(packs * station.manners.assembling_s, lambda: _assembled(station, client, asked))


def _assembled(station: Wwks2Station, client: Client, asked: w.StockInfoRequest) -> None:
    client.assembling -= 1
    client.say(_info(station, client, asked))


def _info(station: Wwks2Station, client: Client, asked: w.StockInfoRequest) -> w.StockInfoResponse:
    book = station.robot.book
    found: dict[int, Held] = {}
    missing: list[str] = []
    for criteria in asked.criteria or (parts.StockCriteria(),):
        packs = {held.id: held for held in book.find(wanted(criteria, client))}
        found |= packs
        if not packs and criteria.article_id:
            missing.append(criteria.article_id)
    articles = list(_listed(station, found.values(), packs=asked.include_packs, details=asked.include_article_details))
    if station.manners.nothing_found_as_zero:
        articles += [parts.Article(id=id, quantity=0) for id in missing]
    return w.StockInfoResponse(**back(station, asked), articles=tuple(articles))


def _listed(station: Wwks2Station, found: Iterable[Held], *, packs: bool, details: bool) -> Iterable[parts.Article]:
    under: dict[str, list[Held]] = {}
    for held in found:
        under.setdefault(held.article, []).append(held)
    for id, of_it in under.items():
        shown = map(stored, of_it) if packs else ()
        yield article_of(station.robot.book.articles[id], shown, details=details, quantity=len(of_it))


def update(station: Wwks2Station, client: Client, asked: w.StockUpdateRequest) -> w.StockUpdateResponse:
    """Changes what the book says of packs. A StockInfoMessage follows."""
    book = station.robot.book
    found = {held.id: held for criteria in asked.criteria for held in book.find(wanted(criteria, client))}
    if not found or asked.pack is None:
        why = "no pack fits" if asked.pack else "nothing is to be changed"
        return w.StockUpdateResponse(**back(station, asked), details=parts.UpdateDetails(status=Accepted.REJECTED, text=why))
    for held in found.values():
        for said, own in UPDATABLE.items():
            if (value := getattr(asked.pack, said)) is not None:
                setattr(held, own, value)
        if asked.pack.expiry_date is not None:
            held.expiry, held.expiry_source = text(asked.pack.expiry_date), "ITSystem"
        station.later(0.0, partial(_corrected, station, held))
    articles = tuple(_listed(station, found.values(), packs=True, details=True))
    return w.StockUpdateResponse(**back(station, asked), details=parts.UpdateDetails(status=Accepted.ACCEPTED), articles=articles)


def master(station: Wwks2Station, client: Client, asked: w.ArticleMasterSetRequest) -> w.ArticleMasterSetResponse:
    """Replaces the article master. What is known of articles in stock stays known."""
    book = station.robot.book
    book.master = {one.id for one in asked.articles}
    book.codes = {code.code: one.id for one in asked.articles for code in one.product_codes}
    for one in asked.articles:
        known = book.articles.setdefault(one.id, Article(one.id))
        known.name, known.dosage_form = one.name or "", one.dosage_form or ""
        known.packaging_unit, known.max_sub_items = one.packaging_unit or "", one.max_sub_item_quantity or 0
        known.requires_fridge = bool(one.requires_fridge)
    return w.ArticleMasterSetResponse(**back(station, asked), set_result=parts.SetResult(value=Accepted.ACCEPTED))


def deliveries(station: Wwks2Station, client: Client, asked: w.StockDeliverySetRequest) -> w.StockDeliverySetResponse:
    """Adds deliveries; one unknown article, or a number that is announced already, and none of them is taken."""
    book = station.robot.book
    lines = [(one, line) for one in asked.stock_deliveries for line in one.articles]
    unknown = sorted({line.id for _, line in lines} - book.master)
    open_ = {line.delivery for line in book.announced} & {one.delivery_number for one in asked.stock_deliveries}
    if unknown or open_:
        why = f"article {unknown[0]} is not in the master" if unknown else f"delivery {min(open_)} is announced already"
        result = parts.SetResult(value=Accepted.REJECTED, text=why)
        return w.StockDeliverySetResponse(**back(station, asked), set_result=result)
    for one, line in lines:
        book.announced.append(
            Announced(
                delivery=one.delivery_number,
                article=line.id,
                code=line.product_code or "",
                batch=line.batch_number or "",
                external=line.external_id or "",
                expiry=text(line.expiry_date),
                quantity=line.quantity or 0,
                requires_fridge=bool(line.requires_fridge),
                stock_location=line.stock_location_id or "",
            )
        )
    return w.StockDeliverySetResponse(**back(station, asked), set_result=parts.SetResult(value=Accepted.ACCEPTED))


def delivery_info(station: Wwks2Station, client: Client, asked: w.StockDeliveryInfoRequest) -> w.StockDeliveryInfoResponse:
    """How far a delivery has come in."""
    status, articles = delivery(station, asked.task.id, details=asked.include_task_details)
    return w.StockDeliveryInfoResponse(
        **back(station, asked), task=parts.DeliveryState(id=asked.task.id, status=status, articles=articles)
    )


def delivery(station: Wwks2Station, number: str, *, details: bool) -> tuple[TaskStatus, tuple[parts.Article, ...]]:
    """The state of a delivery, and its packs. Complete once every line that names a quantity has come in."""
    book = station.robot.book
    lines = [line for line in book.announced if line.delivery == number]
    came = book.delivered.get(number, [])
    if not lines and not came:
        return TaskStatus.UNKNOWN, ()
    counts: dict[str, int] = {}
    for held in came:
        counts[held.article] = counts.get(held.article, 0) + 1
    limited = [line for line in lines if line.quantity]
    if limited and all(counts.get(line.article, 0) >= line.quantity for line in limited):
        status = TaskStatus.COMPLETED
    else:
        status = TaskStatus.IN_PROCESS if came else TaskStatus.QUEUED
    return status, tuple(_listed(station, came, packs=True, details=False)) if details else ()
