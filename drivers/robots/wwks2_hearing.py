"""What a WWKS 2 robot says, taken in: answers go to whoever asked, the rest becomes events in the order in which it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drivers.dialogs import DialogLink, DialogSession
from drivers.robot_facts import (
    InputAsked,
    InputEnded,
    OutputEnded,
    OutputProgress,
    RobotComponent,
    RobotEvent,
    RobotLink,
    RobotReadiness,
    StockChanged,
    Unprocessed,
)
from drivers.robots import wwks2_facts as facts
from drivers.wire import LinkChange, now
from firmware_protocols.wwks2 import host, words
from firmware_protocols.wwks2 import messages as m

MOST_INPUTS = 256
"""Inputs that a robot may have begun and not ended; the oldest is forgotten."""
MOST_EARLY = 1000
"""Messages that may come between the Hello and its being taken in."""
KINDS = {words.ComponentType.STORAGE_SYSTEM: "storage", words.ComponentType.BOX_SYSTEM: "box"}

Reply = Callable[[DialogSession, m.Message | m.Unreadable, bytes], None]


class Hearing:
    """The ears of one robot's driver. `reply` answers what is answered at once. Of packs that name another stock location than
    the one that is `owned` nothing is told, and who asks about such is not answered: that is another system's to say."""

    def __init__(self, robot: str, link: DialogLink, reply: Reply, owned: str = "") -> None:
        self.inputs: dict[tuple[int, str], m.InputRequest] = {}
        """What was asked last about each input that has not ended, by the part that asked and its Id."""
        self.watchers: list[Callable[[RobotEvent], None]] = []
        self._robot, self._link, self._reply, self._owned = robot, link, reply, owned
        self._early: list[m.Lead | m.Unreadable] = []
        self._readiness: tuple[object, ...] | None = None

    def heard(self, session: DialogSession, frame: bytes) -> Iterator[None]:
        """Takes one message in, a long one in steps. What cannot be read is said so, and the stream goes on."""
        try:
            message: m.Lead | m.Unreadable = yield from host.decoding(frame)
        except m.Unreadable as wrong:
            message = wrong
            if wrong.name != m.UnprocessedMessage.__name__ and b"<UnprocessedMessage" not in frame:
                self._reply(session, wrong, frame)
        if session.over:
            return  # while it was read: what it tells is another epoch's no more
        if isinstance(message, m.KeepAliveRequest):
            self._reply(session, message, frame)
        elif isinstance(message, m.Lead) and type(message).__name__.endswith("Response"):
            session.answered((type(message), message.id), message)
        elif self._link.up:
            self._tell(message)
        elif len(self._early) < MOST_EARLY:
            self._early.append(message)
        else:
            session.end("speaks and does not say Hello")

    def link_changed(self, change: LinkChange) -> None:
        """A new epoch knows nothing of the one before: its questions have died, and how the robot is is unknown."""
        early, self._early = self._early, []
        self.inputs.clear()
        self._readiness = None
        self._say(RobotLink(robot=self._robot, epoch=change.epoch, at=now(), up=change.up, reason=change.reason))
        for message in early if change.up else ():
            self._tell(message)

    def status(self, answer: m.StatusResponse) -> None:
        """Tells how the robot is, when that is news."""
        components = tuple(
            RobotComponent(
                kind=KINDS[one.type], name=one.description, ready=one.state is words.State.READY, text=one.state_text or ""
            )
            for one in answer.components
        )
        ready, text = answer.state is words.State.READY, answer.state_text or ""
        if (ready, text, components) != self._readiness:
            self._readiness = ready, text, components
            self._say(
                RobotReadiness(robot=self._robot, epoch=self._link.epoch, at=now(), ready=ready, text=text, components=components)
            )

    def _tell(self, message: m.Lead | m.Unreadable) -> None:
        event = self._event(message)
        if event is not None:
            self._say(event)

    def _say(self, event: RobotEvent) -> None:
        for watcher in self.watchers:
            watcher(event)

    def _event(self, message: m.Lead | m.Unreadable) -> RobotEvent | None:
        robot, epoch, at = self._robot, self._link.epoch, now()
        match message:
            case m.StockInfoMessage():
                return StockChanged(robot=robot, epoch=epoch, at=at, articles=facts.stored(message.articles, self._owned))
            case m.InputRequest():
                return self._asked(message)
            case m.InputMessage():
                return self._ended(message)
            case m.OutputMessage():
                return self._output(message)
            case m.UnprocessedMessage():
                reason, about = "" if message.reason is None else message.reason.value, message.message.id
                return Unprocessed(robot=robot, epoch=epoch, at=at, ours=True, reason=reason, text=message.text or "", about=about)
            case m.Unreadable():
                text, about = str(message), message.id
                return Unprocessed(robot=robot, epoch=epoch, at=at, ours=False, reason=message.reason.value, text=text, about=about)
            case _:
                return None  # inputs that we or a feeder began, buttons: dialogs that this driver does not begin

    def _asked(self, request: m.InputRequest) -> InputAsked | None:
        if not all(facts.ours(one, self._owned) for one in request.article.packs):
            return None
        key = request.source, request.id
        self.inputs.pop(key, None)
        self.inputs[key] = request
        if len(self.inputs) > MOST_INPUTS:
            del self.inputs[next(iter(self.inputs))]
        return InputAsked(
            robot=self._robot,
            epoch=self._link.epoch,
            at=now(),
            input=request.id,
            source=request.source,
            article=request.article.id or None,
            packs=facts.asked(request),
            new_delivery=request.is_new_delivery,
            picking_indicator=request.set_picking_indicator,
            belt=None if request.input_component is None else request.input_component.id,
        )

    def _ended(self, message: m.InputMessage) -> InputEnded | None:
        asked = self.inputs.pop((message.source, message.id), None)
        packs = [(one, article.id) for article in message.articles for one in article.packs if facts.ours(one, self._owned)]
        if not packs and asked is None and self._owned:
            return None
        done = [one.handling is not None and one.handling.input is words.Verdict.COMPLETED for one, _ in packs]
        texts = dict.fromkeys(one.handling.text for one, _ in packs if one.handling is not None and one.handling.text)
        return InputEnded(
            robot=self._robot,
            epoch=self._link.epoch,
            at=now(),
            input=message.id,
            source=message.source,
            stored=tuple(facts.pack(one, article) for (one, article), stored in zip(packs, done, strict=True) if stored),
            aborted=tuple(facts.pack(one, article) for (one, article), stored in zip(packs, done, strict=True) if not stored),
            text="; ".join(texts),
        )

    def _output(self, message: m.OutputMessage) -> OutputProgress | OutputEnded:
        robot, epoch, at, packs = self._robot, self._link.epoch, now(), facts.packs(message.articles, self._owned)
        boxes = tuple(one.number for one in message.boxes)
        end = facts.ENDS.get(message.details.status)
        if end is None:
            return OutputProgress(robot=robot, epoch=epoch, at=at, order=message.id, packs=packs, boxes=boxes)
        return OutputEnded(robot=robot, epoch=epoch, at=at, order=message.id, end=end, packs=packs, boxes=boxes)
