"""What a robot says of itself: state, locations, channels, configuration, lamps (1.6, 1.15)."""

from __future__ import annotations

from firmware_protocols.wwks2 import messages as w
from firmware_protocols.wwks2 import parts
from firmware_protocols.wwks2.words import ComponentType, Light, LightResult, State
from simulators.boards.wwks2.client import Client
from simulators.boards.wwks2.station import Wwks2Station, back
from simulators.plant.robot.book import Wanted

STORAGE, BOX = "storage", "box"


def keep_alive(station: Wwks2Station, client: Client, asked: w.KeepAliveRequest) -> w.KeepAliveResponse:
    """Alive."""
    return w.KeepAliveResponse(**back(station, asked))


def state(station: Wwks2Station, client: Client, asked: w.StatusRequest) -> w.StatusResponse:
    """Ready when everything is; each component says why it is not."""
    components = _components(station)
    down = [one.state_text for one in components if one.state is State.NOT_READY]
    return w.StatusResponse(
        **back(station, asked),
        state=State.NOT_READY if down else State.READY,
        state_text=down[0] if down else "Automatic",
        components=components if asked.include_details else (),
    )


def _components(station: Wwks2Station) -> tuple[parts.Component, ...]:
    steel = station.robot.steel
    reasons = [(ComponentType.STORAGE_SYSTEM, station.id, steel.ails.components.get(STORAGE) or steel.stopped)]
    if any(point.boxes for point in steel.outputs.values()):
        reasons.append((ComponentType.BOX_SYSTEM, f"{station.id}-boxes", steel.ails.components.get(BOX, "")))
    return tuple(
        parts.Component(type=kind, description=name, state=State.NOT_READY if why else State.READY, state_text=why or "Automatic")
        for kind, name, why in reasons
    )


def locations(station: Wwks2Station, client: Client, asked: w.StockLocationInfoRequest) -> w.StockLocationInfoResponse:
    """The virtual stock locations that it was set up with."""
    known = station.robot.steel.make.stock_locations
    return w.StockLocationInfoResponse(
        **back(station, asked), stock_locations=tuple(parts.StockLocation(id=id, description=name) for id, name in known)
    )


def channels(station: Wwks2Station, client: Client, asked: w.ChannelConfigurationInfoRequest) -> w.ChannelConfigurationInfoResponse:
    """Its columns, and what fits there. With an article only those where it stands: the storage is chaotic, none is assigned."""
    robot = station.robot
    steel, g = robot.steel, robot.steel.make.geometry
    every = {steel.rack.column(bay): None for bay in range(g.bays)}
    found: dict[str, None] = {}
    for criteria in asked.criteria:
        mine = every
        if criteria.article_id:
            mine = {steel.rack.column(held.place.bay): None for held in robot.book.find(Wanted(article=criteria.article_id))}
        found |= {name: None for name in mine if criteria.channel_id in {None, name}}
    return w.ChannelConfigurationInfoResponse(
        **back(station, asked),
        channels=tuple(
            parts.Channel(
                id=name,
                min_pack_length=1,
                max_pack_length=g.bay_depth_mm,
                min_pack_width=1,
                max_pack_width=g.bay_width_mm,
                min_pack_height=1,
                max_pack_height=g.bay_height_mm,
            )
            for name in sorted(found)
        ),
    )


def configuration(station: Wwks2Station, client: Client, asked: w.ConfigurationGetRequest) -> w.ConfigurationGetResponse:
    """How it is built, in words of its maker."""
    make = station.robot.steel.make
    g = make.geometry
    lines = [f'<Rack Sides="{g.sides}" Columns="{g.columns}" Shelves="{g.shelves}"/>']
    lines += [f'<Input Id="{point.id}" Starts="{point.starts}"/>' for point in make.inputs]
    lines += [f'<Output Id="{point.id}" Capacity="{point.capacity}" Boxes="{point.boxes}"/>' for point in make.outputs]
    text = f"<Robot>{''.join(lines)}</Robot>"
    return w.ConfigurationGetResponse(**back(station, asked), configuration=parts.Configuration(text=text))


def lamp(
    station: Wwks2Station, client: Client, asked: w.OutputDestinationStateIndicationSetRequest
) -> w.OutputDestinationStateIndicationSetResponse:
    """The lamp of an output obeys, if there is one."""
    output, lamps = str(asked.output_destination), station.robot.steel.lamps
    there = output in lamps
    if there:
        lamps[output] = Light(asked.state).value
    return w.OutputDestinationStateIndicationSetResponse(
        **back(station, asked),
        output_destination=asked.output_destination,
        result=LightResult.OK if there else LightResult.ERROR,
        text=None if there else f"there is no output {output}",
    )
