"""Orders: accepted or rejected at once, told of when packs have come out or none will any more (1.13, 1.14)."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2 import parts
from firmware_protocols.wwks2.words import CancelStatus, OrderStatus, OutputStatus, Priority, TaskStatus, TaskType
from simulators.boards.wwks2.client import Client
from simulators.boards.wwks2.station import Wwks2Station, back, unasked
from simulators.boards.wwks2.stock import delivery
from simulators.boards.wwks2.words import by_article, text
from simulators.plant.robot.book import Wanted
from simulators.plant.robot.orders import Line, Order, Out

MANUAL = "1"
"""The Id of an output that somebody asked for at the robot's own screen (1.13, odd case 4)."""


def listen(station: Wwks2Station) -> None:
    """Tells every client what becomes of orders, whoever gave them."""
    picker = station.robot.picker
    picker.on_order_ended = lambda order: _ended(station, order)
    picker.on_box_released = lambda order, box, outs: _say(station, order, OutputStatus.BOX_RELEASED, outs, [box])


def order(station: Wwks2Station, client: Client, asked: w.OutputRequest) -> w.OutputResponse:
    """Queued or rejected, with what was asked; an output point is dropped, as the recorded robot does."""
    details = asked.details
    refusal = station.robot.picker.order(
        Order(
            id=asked.id,
            asked_by=asked.source,
            tenant=client.tenant,
            output=str(details.output_destination),
            lines=tuple(Line(_wanted(line, client), len(line.labels)) for line in asked.criteria),
            priority=(details.priority or Priority.NORMAL).value,
            point=str(details.output_point or ""),
            box=asked.box_number or "",
        )
    )
    answer = parts.OrderDetails(
        priority=details.priority,
        output_destination=details.output_destination,
        status=OrderStatus.REJECTED if refusal else OrderStatus.QUEUED,
    )
    return w.OutputResponse(**back(station, asked), box_number=asked.box_number, details=answer, criteria=asked.criteria)


def _wanted(line: parts.OutputCriteria, client: Client) -> Wanted:
    return Wanted(
        tenant=client.tenant,
        article=line.article_id or "",
        quantity=line.quantity,
        sub_items=line.sub_item_quantity or 0,
        minimum_expiry=text(line.minimum_expiry_date),
        batch=line.batch_number or "",
        external=line.external_id or "",
        serial=line.serial_number or "",
        stock_location=line.stock_location_id or "",
        machine_location=line.machine_location or "",
        single_batch=line.single_batch_number,
        pack=line.pack_id or 0,
    )


def _ended(station: Wwks2Station, order: Order) -> None:
    outs = order.out if station.manners.final_repeats_packs else order.out[order.released :]
    _say(station, order, OutputStatus(order.status), outs, order.boxes)


def _say(station: Wwks2Station, order: Order, status: OutputStatus, outs: Sequence[Out], boxes: Sequence[str]) -> None:
    """To all. An order of which nothing came names its articles without a pack (1.13, odd case 1)."""
    id = order.id if order.asked_by else MANUAL
    articles = by_article(station.robot.book, outs, id)
    if not articles and status is not OutputStatus.BOX_RELEASED:
        asked_for = dict.fromkeys(line.wanted.article for line in order.lines if line.wanted.article)
        articles = tuple(parts.Article(id=article) for article in asked_for)
    details = parts.OutcomeDetails(
        priority=Priority(order.priority),
        output_destination=int(order.output),
        output_point=int(order.point or 0) or None,
        status=status,
    )
    told = tuple(parts.Box(number=number) for number in boxes)
    tenant = order.tenant if order.asked_by else None  # who asks at its own screen belongs to nobody

    def message(client: Client) -> w.OutputMessage:
        return w.OutputMessage(**unasked(station, client, id), details=details, articles=articles, boxes=told)

    station.tell(message, tenant=tenant)


def task_info(station: Wwks2Station, client: Client, asked: w.TaskInfoRequest) -> w.TaskInfoResponse:
    """How far an order or a delivery has come; Unknown for one that the robot does not find."""
    task, details = asked.task, asked.include_task_details
    if task.type is TaskType.STOCK_DELIVERY:
        status, articles = delivery(station, task.id, details=details)
        state = parts.TaskState(type=task.type, id=task.id, status=status, articles=articles)
    else:
        status, articles, boxes = _order_state(station, task.id, details=details)
        state = parts.TaskState(type=task.type, id=task.id, status=status, articles=articles, boxes=boxes)
    return w.TaskInfoResponse(**back(station, asked), task=state)


def output_info(station: Wwks2Station, client: Client, asked: w.OutputInfoRequest) -> w.OutputInfoResponse:
    """The same under its newer name."""
    status, articles, boxes = _order_state(station, asked.task.id, details=asked.include_task_details)
    state = parts.OutputState(type=asked.task.type, id=asked.task.id, status=status, articles=articles, boxes=boxes)
    return w.OutputInfoResponse(**back(station, asked), task=state)


def _order_state(
    station: Wwks2Station, id: str, *, details: bool
) -> tuple[TaskStatus, tuple[parts.Article, ...], tuple[parts.Box, ...]]:
    order = station.robot.orders.task(id)
    if order is None:
        return TaskStatus.UNKNOWN, (), ()
    if not details:
        return TaskStatus(order.status), (), ()
    boxes = tuple(parts.Box(number=number) for number in order.boxes)
    return TaskStatus(order.status), by_article(station.robot.book, order.out, id, counted=True), boxes


def cancel(station: Wwks2Station, client: Client, asked: w.TaskCancelRequest) -> w.TaskCancelResponse:
    """Whether each could be cancelled; the OutputMessage of one that was comes after this."""
    tasks = tuple(
        parts.CancelledTask(type=task.type, id=task.id, status=_cancelled(station, task.id, task.type)) for task in asked.tasks
    )
    return w.TaskCancelResponse(**back(station, asked), tasks=tasks)


def cancel_output(station: Wwks2Station, client: Client, asked: w.TaskCancelOutputRequest) -> w.TaskCancelOutputResponse:
    """The same under its newer name."""
    tasks = tuple(parts.CancelledOutput(id=task.id, status=_cancelled(station, task.id, TaskType.OUTPUT)) for task in asked.tasks)
    return w.TaskCancelOutputResponse(**back(station, asked), tasks=tasks)


def _cancelled(station: Wwks2Station, id: str, kind: TaskType) -> CancelStatus:
    return CancelStatus(station.robot.picker.cancel(id)) if kind is TaskType.OUTPUT else CancelStatus.CANCEL_ERROR
