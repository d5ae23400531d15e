"""Inputs: the robot asks about a pack and tells what became of it, whoever has begun it (1.10 to 1.12)."""

from __future__ import annotations

from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2 import parts
from firmware_protocols.wwks2.words import (
    Accepted,
    CancelStatus,
    ExpirySource,
    InfeedEnd,
    InfeedPlace,
    InfeedRefusal,
    InfeedTrouble,
    InitiateEnd,
    InputTrouble,
    Shape,
    Verdict,
)
from simulators.boards.wwks2.client import Client
from simulators.boards.wwks2.station import Head, Wwks2Station, back
from simulators.boards.wwks2.words import article_of, day, pack_of, text
from simulators.plant.robot import code
from simulators.plant.robot.handed import Fed, Initiated, Tried
from simulators.plant.robot.intake import Answer, Intake, Read
from simulators.plant.robot.pack import Article

TEXTS = {
    "MeasurementError": "the pack was measured wrongly",
    "NoSpaceInMachine": "there is no place for it",
    "FridgeMissing": "there is no fridge",
    "InputBroken": "the input was broken off",
    "NoPackDetected": "the pack is no longer there",
    "TaskCancelled": "cancelled",
}
"""What the robot's screen says of an input that was aborted."""
FEEDER_WORDS = {
    "Rejected": InfeedTrouble.NOT_ALLOWED,
    "RejectedNoExpiryDate": InfeedTrouble.EXPIRY_DATE_REQUIRED,
    "RejectedNoBatchNumber": InfeedTrouble.BATCH_NUMBER_REQUIRED,
    "RejectedNoStockLocation": InfeedTrouble.STOCK_LOCATION_REQUIRED,
    "RejectedInvalidStockLocation": InfeedTrouble.UNKNOWN_STOCK_LOCATION,
    "FridgeMissing": InfeedTrouble.FRIDGE_REQUIRED,
    "NoPackDetected": InfeedTrouble.NO_PACK_PLACED,
}
"""Where a feeder is told in other words than the pharmacy system (1.12)."""


def listen(station: Wwks2Station) -> None:
    """Asks and tells whoever can do inputs."""
    robot = station.robot
    robot.inputs.on_asked = lambda intake: _ask(station, intake)
    robot.on_input_ended = lambda intake: _ended(station, intake)
    robot.handed.on_initiated_ended = lambda initiated: _initiated_ended(station, initiated)
    robot.handed.on_place_wanted = lambda fed: _place(station, fed)
    robot.handed.on_fed_ended = lambda fed: _fed_ended(station, fed)


def _head(station: Wwks2Station, client: Client, id: str) -> Head:
    return {"id": id, "source": station.numbers.infeed, "destination": client.number}


def _component(station: Wwks2Station, intake: Intake) -> parts.InputComponent:
    return parts.InputComponent(id=intake.input, name=station.robot.steel.inputs[intake.input].name or None)


def _ask(station: Wwks2Station, intake: Intake) -> None:
    read = intake.read
    pack = parts.Pack(
        index=0,
        scan_code=read.scan_code,
        delivery_number=read.delivery if intake.is_delivery else None,
        batch_number=read.batch or None,
        external_id=read.external or None,
        serial_number=read.serial or None,
        expiry_date=day(read.expiry),
        expiry_date_source=ExpirySource(read.expiry_source) if read.expiry else None,
        sub_item_quantity=read.sub_items,
        stock_location_id=read.stock_location or None,
    )

    def question(client: Client) -> w.InputRequest:
        return w.InputRequest(
            **_head(station, client, intake.id),
            is_new_delivery=intake.is_delivery,
            set_picking_indicator=intake.picking_indicator,
            article=parts.Article(packs=(pack,)),
            input_component=_component(station, intake),
        )

    station.tell(question, "Input")


def answered(station: Wwks2Station, client: Client, said: w.InputResponse) -> None:
    """The first answer counts. One without a verdict on this pack is a refusal."""
    intake = station.robot.inputs.under_way.get(said.id)
    if intake is None:
        return
    article, pack = next(
        ((article, pack) for article in said.articles for pack in article.packs if not pack.index and pack.handling),
        (parts.Article(), parts.Pack()),
    )
    verdict = pack.handling.input if pack.handling else Verdict.REJECTED
    station.robot.inputs.answered(
        said.id,
        Answer(
            handling="Rejected" if verdict in {Verdict.COMPLETED, Verdict.ABORTED} else verdict.value,  # type: ignore[arg-type]
            article=Article(
                article.id or code.read(intake.read.scan_code).number,
                article.name or "",
                article.dosage_form or "",
                article.packaging_unit or "",
                article.max_sub_item_quantity or 0,
                article.virtual_id or "",
                article.virtual_name or "",
                bool(article.requires_fridge),
            ),
            batch=pack.batch_number,
            external=pack.external_id,
            serial=pack.serial_number,
            expiry=None if pack.expiry_date is None else text(pack.expiry_date),
            sub_items=pack.sub_item_quantity,
            stock_location=pack.stock_location_id,
            delivery=pack.delivery_number,
            tenant=client.tenant,
            text=(pack.handling.text or "") if pack.handling else "",
        ),
    )


def _ended(station: Wwks2Station, intake: Intake) -> None:
    """Told also after a rejection; then the article is often empty (1.10)."""
    held, answer = intake.held, intake.answer
    if held is not None and answer is not None:
        packs = [pack_of(held, index=0, handling=parts.Handling(input=Verdict.COMPLETED))]
        article = article_of(station.robot.book.articles[held.article], packs)
    else:
        why = (answer.text if answer else "") or TEXTS.get(intake.error, intake.error)
        handling = parts.Handling(input=Verdict.ABORTED, text=why or None)
        article = parts.Article(packs=(parts.Pack(index=0, id=0, scan_code=intake.read.scan_code, handling=handling),))
    component = _component(station, intake)
    station.tell(
        lambda client: w.InputMessage(
            **_head(station, client, intake.id),
            is_new_delivery=intake.is_delivery,
            articles=(article,),
            input_component=component,
        ),
        "Input",
        None if held is None else held.tenant,
    )


def initiate(station: Wwks2Station, client: Client, asked: w.InitiateInputRequest) -> w.InitiateInputResponse:
    """Accepted or not, at once; the pharmacy system is asked about each pack as it comes to the scanner."""
    details = asked.details
    refusal = station.robot.handed.initiate(
        Initiated(
            id=asked.id,
            asked_by=asked.source,
            source=station.robot.handed.source(details.input_source),
            number=details.input_source,
            point=str(details.input_point or ""),
            is_delivery=asked.is_new_delivery,
            picking=asked.set_picking_indicator,
            packs=[Tried(pack.scan_code or "") for pack in asked.article.packs],
        )
    )
    error = parts.Error(type=InputTrouble(refusal)) if refusal else None
    packs = tuple(parts.Pack(index=pack.index, scan_code=pack.scan_code, error=error) for pack in asked.article.packs)
    return w.InitiateInputResponse(
        **back(station, asked),
        is_new_delivery=asked.is_new_delivery,
        set_picking_indicator=asked.set_picking_indicator,
        details=parts.InitiateAnswer(
            input_source=details.input_source,
            input_point=details.input_point,
            status=Accepted.REJECTED if refusal else Accepted.ACCEPTED,
        ),
        article=parts.Article(id=asked.article.id, packs=packs),
    )


def _initiated_ended(station: Wwks2Station, initiated: Initiated) -> None:
    articles = []
    for index, tried in enumerate(initiated.packs):
        if tried.held is not None:
            articles.append(article_of(station.robot.book.articles[tried.held.article], [pack_of(tried.held, index=index)]))
        else:
            error = parts.Error(type=InputTrouble(tried.error), text=TEXTS.get(tried.error))
            articles.append(parts.Article(packs=(parts.Pack(index=index, id=0, scan_code=tried.scan_code, error=error),)))
    details = parts.InitiateOutcome(
        input_source=initiated.number,
        input_point=int(initiated.point) if initiated.point else None,
        status=InitiateEnd.COMPLETED if initiated.complete else InitiateEnd.INCOMPLETE,
    )
    station.tell(
        lambda client: w.InitiateInputMessage(**_head(station, client, initiated.id), details=details, articles=tuple(articles)),
        "InitiateInput",
    )


def feed(station: Wwks2Station, client: Client, asked: w.InfeedInputRequest) -> w.InfeedInputResponse:
    """Whether the robot takes the feeder's pack; if it does, the pharmacy system is asked next."""
    pack = asked.article.packs[0] if asked.article.packs else parts.Pack()
    fed = Fed(
        id=asked.id,
        number=asked.details.infeed_number,
        point=station.robot.handed.fed_point(asked.details.infeed_number),
        fed_by=asked.source,
        read=Read(
            pack.scan_code or "",
            batch=pack.batch_number or "",
            external=pack.external_id or "",
            serial=pack.serial_number or "",
            expiry=text(pack.expiry_date),
            expiry_source="Infeed" if pack.expiry_date else "Unknown",
            sub_items=pack.sub_item_quantity or 0,
            delivery=pack.delivery_number or "",
            width_mm=pack.width or 0,
            height_mm=pack.height or 0,
            depth_mm=pack.depth or 0,
            shape="Cylinder" if pack.shape is Shape.CYLINDER else "Cuboid",
        ),
        is_delivery=asked.is_new_delivery,
        picking=asked.set_picking_indicator,
    )
    refusal = station.robot.handed.feed(fed)
    if not refusal:
        station.later(0.0, lambda: station.robot.handed.ask_for(fed))
    details = parts.InfeedAnswer(
        infeed_number=fed.number,
        status=Accepted.REJECTED if refusal else Accepted.ACCEPTED,
        reason=InfeedRefusal(refusal) if refusal else None,
    )
    return w.InfeedInputResponse(**back(station, asked), details=details)


def _feeders(station: Wwks2Station, fed: Fed) -> list[Client]:
    return [client for client in station.clients if client.number == fed.fed_by]


def _place(station: Wwks2Station, fed: Fed) -> None:
    for client in _feeders(station, fed):
        details = parts.InfeedDetails(infeed_number=fed.number)
        client.say(w.InfeedInputPackPlaceRequest(**_head(station, client, fed.id), details=details))


def placed(station: Wwks2Station, client: Client, said: w.InfeedInputPackPlaceResponse) -> None:
    """The feeder says that it has laid the pack down, or that it will not."""
    station.robot.handed.placed(said.id, placed=said.details.status is InfeedPlace.PLACED)


def _fed_ended(station: Wwks2Station, fed: Fed) -> None:
    held = fed.intake.held if fed.intake else None
    trouble = None if held else FEEDER_WORDS.get(fed.error) or InfeedTrouble(fed.error)
    details = parts.InfeedOutcome(
        infeed_number=fed.number, status=InfeedEnd.COMPLETED if held else InfeedEnd.ABORTED, reason=trouble
    )
    articles = (article_of(station.robot.book.articles[held.article], [pack_of(held)]),) if held else ()
    for client in _feeders(station, fed):
        client.say(w.InfeedInputMessage(**_head(station, client, fed.id), details=details, articles=articles))


def cancel_feed(station: Wwks2Station, client: Client, asked: w.TaskCancelInfeedInputRequest) -> w.TaskCancelInfeedInputResponse:
    """Whether each could be cancelled: not once its pack lies on the belt."""
    tasks = tuple(
        parts.CancelledInfeed(
            id=task.id, infeed_number=task.infeed_number, status=CancelStatus(station.robot.handed.cancel(task.id))
        )
        for task in asked.tasks
    )
    return w.TaskCancelInfeedInputResponse(**back(station, asked), tasks=tasks)
