"""Every dialog that a robot takes part in: which function answers which message."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2.messages import Lead, Message
from simulators.boards.wwks2 import about, intakes, outputs, stock
from simulators.boards.wwks2.client import Client
from simulators.boards.wwks2.manners import Numbers
from simulators.boards.wwks2.station import Answering, Wwks2Station
from simulators.plant.robot.robot import Robot


def _heard(station: Wwks2Station, client: Client, message: Message) -> None:
    """Nothing is answered to that, and nothing done."""


ANSWERS: Mapping[type[Lead], Answering] = MappingProxyType(
    {
        w.KeepAliveRequest: about.keep_alive,
        w.KeepAliveResponse: _heard,
        w.UnprocessedMessage: _heard,
        w.StatusRequest: about.state,
        w.StockLocationInfoRequest: about.locations,
        w.ChannelConfigurationInfoRequest: about.channels,
        w.ConfigurationGetRequest: about.configuration,
        w.OutputDestinationStateIndicationSetRequest: about.lamp,
        w.StockInfoRequest: stock.info,
        w.StockUpdateRequest: stock.update,
        w.ArticleMasterSetRequest: stock.master,
        w.StockDeliverySetRequest: stock.deliveries,
        w.StockDeliveryInfoRequest: stock.delivery_info,
        w.OutputRequest: outputs.order,
        w.TaskInfoRequest: outputs.task_info,
        w.OutputInfoRequest: outputs.output_info,
        w.TaskCancelRequest: outputs.cancel,
        w.TaskCancelOutputRequest: outputs.cancel_output,
        w.InputResponse: intakes.answered,
        w.InitiateInputRequest: intakes.initiate,
        w.InfeedInputRequest: intakes.feed,
        w.InfeedInputPackPlaceResponse: intakes.placed,
        w.TaskCancelInfeedInputRequest: intakes.cancel_feed,
    }
)
"""By message. All that `firmware_protocols.wwks2.device` decodes, but the Hello, which is the connection's."""


def robot_station(id: str, robot: Robot, numbers: Numbers | None = None) -> Wwks2Station:
    """A robot of the plant as a WWKS 2 server."""
    station = Wwks2Station(id, robot, ANSWERS, numbers)
    for dialog in (stock, outputs, intakes):
        dialog.listen(station)
    return station
