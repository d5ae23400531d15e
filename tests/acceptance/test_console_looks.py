"""What somebody who looked at the pages did not find on them: who counts what is in doubt and the touch that leads there, how what
has expired comes out, which medicine a few letters mean. In virtual time."""

from __future__ import annotations

from sites.models import Site
from tests.acceptance.test_console_technician import cookies, page
from tests.acceptance.ward import Ward, a_ward, ward_site

COUNT_IT = 'name="pocket" value="A-01-1"'
SOMEBODY = "A nurse, a technician or the pharmacy counts it."


async def _in_doubt(ward: Ward) -> None:
    """A pull whose latch does not catch again: both pockets of the drawer are in doubt."""
    nurse = await ward.person("nurse")
    await nurse.done("PUT", "/v1/pulls/p-1", {"order": "O-amox"})
    await ward.hand_opens("A-01")
    ward.takes("A-01-1", 1)
    await nurse.say("/v1/pulls/p-1", kind="taken", quantity=1)
    ward.world.plant.drawers["A-01"].ails.latch = False
    assert ward.world.plant.drawers["A-01"].push()
    await ward.world.until("pull.in_doubt", pull="p-1")
    told = await page(nurse, "pulls/p-1")
    assert "you can do that now" in told
    assert COUNT_IT in told


async def test_who_may_count_is_led_to_what_is_in_doubt_and_who_may_not_is_told_who_does() -> None:
    async with a_ward() as ward:
        await _in_doubt(ward)
        nurse, technician, auditor = [await ward.person(role) for role in ("nurse", "technician", "auditor")]
        for who in (nurse, technician):
            for at in ("drawers/A-01", "stock?show=unverified"):
                told = await page(who, at)
                assert COUNT_IT in told, at
                assert SOMEBODY not in told
        assert COUNT_IT not in await page(auditor, "stock?show=unverified")
        assert SOMEBODY in await page(auditor, "stock?show=unverified")


async def test_every_refusal_says_where_the_pharmacy_is_rung_if_the_site_file_does() -> None:
    site = ward_site().model_dump(mode="json")
    site["station"]["pharmacy_phone"] = "555 0104"
    for known in (True, False):
        async with a_ward(site=Site.model_validate(site) if known else None) as ward:
            who = await ward.person("nurse")
            for refused in (
                await ward.client.get("/console/patients/nobody", headers=cookies(who)),
                await ward.client.post("/console/log-in", json={"who": "x", "pin": "1"}),
            ):
                assert 'class="message-code"' in refused.text
                assert ('Tell the pharmacy: <span class="whole">555 0104</span>' in refused.text) is known
                assert ("Tell the pharmacy" in refused.text) is known
            await _in_doubt(ward)
            assert ("Tell the pharmacy: 555 0104" in await page(who, "pulls/p-1")) is known


async def test_an_engineer_sees_which_pockets_are_in_doubt_and_no_figure() -> None:
    async with a_ward() as ward:
        engineer = await ward.person("biomedical_engineer")
        assert "to be counted" not in await page(engineer, "drawers/A-01")
        await _in_doubt(ward)
        told = await page(engineer, "drawers/A-01")
        assert told.count(": to be counted") == 2
        assert SOMEBODY in told
        assert COUNT_IT not in told
        answer = await engineer.get("/v1/drawers/A-01")
        assert (answer["pockets"], answer["unverified"]) == (["A-01-1", "A-01-2"], ["A-01-1", "A-01-2"])
        assert (await engineer.get("/v1/drawers/A-02"))["unverified"] == []


async def test_no_medicine_is_named_before_the_letters_fit_one_family() -> None:
    async with a_ward() as ward:
        technician = await ward.person("technician")
        told = await page(technician, "counts?find=o")
        assert "Oxycodone" not in told
        assert "oxycodone" in await page(technician, "counts?find=oxy")
        assert "A-02-2" in await page(technician, "counts?find=A-02-2")


async def test_what_is_only_looked_at_is_found_by_any_letters() -> None:
    async with a_ward() as ward:
        pharmacist = await ward.person("pharmacist")
        found = (await page(pharmacist, "stock?find=o")).casefold()
        assert "oxycodone" in found
        assert "amoxicillin" in found
        assert "oxycodone" not in (await page(pharmacist, "stock?find=moxi")).casefold()


async def test_how_what_has_expired_comes_out_is_said_to_who_may_take_it_out() -> None:
    stock = [("A-01-1", "OLD", "2020-03-31", 3)]
    async with a_ward(stock=stock) as ward:
        nurse, auditor = await ward.person("nurse"), await ward.person("auditor")
        assert "What has expired comes out with a count" in await page(nurse, "expiries")
        assert "A technician or the pharmacy takes out" in await page(auditor, "expiries")
