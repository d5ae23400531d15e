"""Every protocol against its golden bytes, both halves apart, and the proof that these vectors would notice a wrong constant."""

from __future__ import annotations

import dataclasses
import enum

import pytest

from firmware_protocols.vectors import load
from tests.firmware_protocols import golden, mutants


@pytest.mark.parametrize("protocol", golden.PROTOCOLS)
def test_both_halves_hold_to_paper(protocol: str) -> None:
    assert list(golden.faults(golden.shipped(protocol), golden.paper(protocol))) == []


@pytest.mark.parametrize("protocol", golden.PROTOCOLS)
def test_every_message_has_a_vector(protocol: str) -> None:
    modules = golden.shipped(protocol)
    seen = {vector.message for vector in golden.paper(protocol).vectors}
    kinds = {
        name
        for part in ("messages", "device")
        for name, kind in vars(modules[part]).items()
        if dataclasses.is_dataclass(kind) and (protocol != "wwks2" or part == "messages")
        if not name.startswith("_") and name not in {"Form", "Lead", "Message"}
    }
    assert kinds - seen == set()
    for name, kind in vars(modules["messages"]).items() if protocol != "wwks2" else ():  # test_wwks2 looks for its words
        if isinstance(kind, type) and issubclass(kind, enum.StrEnum) and kind is not enum.StrEnum:
            field = "value" if name == "Command" else name.lower()
            said = {vector.fields.get(field) for vector in golden.paper(protocol).vectors}
            assert {member.value for member in kind} <= said


@pytest.mark.parametrize("name", [*(f"{protocol}/vectors" for protocol in golden.PROTOCOLS), "modbus_maps/waveshare_relay_d"])
def test_every_vector_says_where_it_comes_from_and_has_a_name_of_its_own(name: str) -> None:
    vectors = load(name)
    assert all(vector.source.strip() for vector in (*vectors.vectors, *vectors.refused))
    for group in (vectors.vectors, vectors.refused, vectors.unsayable):
        names = [vector.name for vector in group]
        assert len(set(names)) == len(names)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("protocol", golden.PROTOCOLS)
def test_any_one_wrong_constant_turns_a_vector_red(protocol: str) -> None:
    vectors = golden.paper(protocol)
    tried, survivors = 0, []
    rank = dict[str, int]()  # what the last mutant turned red is tried first: the next differs from it by a line or two
    for mutant in mutants.of(protocol):
        tried += 1
        red = next(golden.faults(mutant.modules, vectors, rank), None)
        if red is None:
            survivors.append(mutant.what)
        else:
            rank[red] = -tried
    assert survivors == []
    assert tried > 10
