"""A problem's facts as a page says them: codes, rights and reasons in words, times as clocks, and the rest as it is told."""

from __future__ import annotations

import datetime

import pytest

from api.console.told import SAID, reason, told
from api.words.language import LANGUAGES, words
from controller.formulary.doses import NO_BREAK_SPACE
from controller.machines import custody, discrepancy, drawer, gantry, gantry_order, robot, robot_pick, tote, transaction
from controller.policy.pins import check_pin
from controller.policy.roles import Right
from drivers.faults import Refused

NOW = datetime.datetime(2027, 3, 4, 12, 0).astimezone()
MACHINES = (custody, discrepancy, drawer, gantry, gantry_order, robot, robot_pick, tote, transaction)


def test_every_state_right_and_reason_has_its_words() -> None:
    assert {str(state) for machine in MACHINES for state in machine.State} - set(SAID["state"]) == set()
    assert {str(right) for right in Right} ^ set(SAID["right"]) == set()
    assert set(custody.REFUSED.values()) - set(SAID["why"]) == set()
    for pin in ("1", "1111"):
        with pytest.raises(Refused) as weak:
            check_pin(pin)
        assert weak.value.facts["why"] in SAID["why"]


@pytest.mark.parametrize(("language", "state", "right", "why", "due"), [
    ("en", "out of service", "taking medicines", "That line is done", "today"),
    ("es", "fuera de servicio", "retirar medicamentos", "Esa línea está hecha", "hoy"),
    ("fr", "hors service", "prélever des médicaments", "Cette ligne est faite", "aujourd'hui"),
    ("de", "außer Betrieb", "Arzneimittel entnehmen", "Diese Zeile ist erledigt", "heute"),
])  # fmt: skip
def test_codes_are_said_in_the_visitor_s_language(language: str, state: str, right: str, why: str, due: str) -> None:
    facts = {
        "state": "out_of_service",
        "wanted": "out_of_service",
        "right": "pull",
        "why": "pick-line-done",
        "due": NOW.isoformat(),
    }
    said = told(words(language), facts, NOW)
    assert said == {"state": state, "wanted": state, "right": right, "why": why, "due": f"{due}{NO_BREAK_SPACE}12:00"}


@pytest.mark.parametrize(("language", "said"), [
    ("en", ["the loop is full, jam on B2", "halted by a person: spilled, wet", "CL1 does not answer", "No tote of that name"]),
    ("es", ["el anillo está lleno, atasco en B2", "parada por una persona: spilled, wet", "CL1 no responde",
            "Ninguna caja con ese nombre"]),
    ("fr", ["la boucle est pleine, bourrage sur B2", "arrêté par une personne : spilled, wet", "CL1 ne répond pas",
            "Aucun bac de ce nom"]),
    ("de", ["der Ring ist voll, Stau auf B2", "von einer Person angehalten: spilled, wet", "CL1 antwortet nicht",
            "Keine Kiste dieses Namens"]),
])  # fmt: skip
def test_reasons_have_names_in_them_and_what_a_person_wrote_stays(language: str, said: list[str]) -> None:
    told_as = ["loop full, jam B2", "halted: spilled, wet", "CL1 does not answer", "unknown-tote"]
    assert [reason(words(language), one) for one in told_as] == said
    assert [reason(words(language), one) for one in ("error 9: homing", "")] == ["error 9: homing", ""]
    assert told(words(language), {"reason": told_as[3]}, NOW) == {"reason": said[3]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_expiry_has_its_month_in_letters_and_ids_and_figures_stay(language: str) -> None:
    facts = {
        "expiry": "2027-03",
        "lot": "2027-03",
        "drawer": "open",
        "asked": 1000,
        "item": "pull",
        "why": "ALARM:1",
        "steps": ["a"],
    }
    said = told(words(language), facts, NOW)
    assert said["expiry"].endswith("-2027")
    assert {name: value for name, value in said.items() if name != "expiry"} == {
        name: value for name, value in facts.items() if name != "expiry"
    }
