"""From far away: a valid token without its terminal, tried with whatever a stranger could put in the terminal's place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from controller.policy.roles import Role, rights_of
from tests.acceptance.ward import Person, Ward, a_ward, scan_of
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign

OPENING = {
    "nurse": [("PUT", "/v1/pulls/far", {"order": "O-amox"}), ("PUT", "/v1/counts/far", {"pocket": "A-01-1"})],
    "technician": [
        ("PUT", "/v1/restocks/far", {"scan": scan_of("prednisone-5")}),
        ("POST", "/v1/pick-lists/L-1/lines/1/picks", {"tote": "T-1"}),
        ("POST", "/v1/drawers/A-02/recoveries", {"step": "retry"}),
    ],
}
"""Every route after which a lock may be pulsed, by somebody who may ask for it at the cabinet."""
REFUSED = frozenset({"terminal-not-enrolled", "other-terminal", "log-in-needed", "not-allowed", "presence-required"})
Terminal = Callable[[Ward, Person], Awaitable[dict[str, str]]]


async def _none(ward: Ward, who: Person) -> dict[str, str]:
    return {"Authorization": who.headers["Authorization"]}


async def _another_place(ward: Ward, who: Person) -> dict[str, str]:
    return {**who.headers, "Galenic-Terminal": await ward.world.terminal("office")}


async def _guessed(ward: Ward, who: Person) -> dict[str, str]:
    return {**who.headers, "Galenic-Terminal": "desk:" + "A" * 43}


async def _only_the_name(ward: Ward, who: Person) -> dict[str, str]:
    return {**who.headers, "Galenic-Terminal": "desk"}


async def _as_a_cookie(ward: Ward, who: Person) -> dict[str, str]:
    credential = who.headers["Galenic-Terminal"]
    return {"Authorization": who.headers["Authorization"], "Cookie": f"Galenic-Terminal={credential}"}


async def _by_address(ward: Ward, who: Person) -> dict[str, str]:
    near = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    return {"Authorization": who.headers["Authorization"], **near}


async def _before_it_was_enrolled_anew(ward: Ward, who: Person) -> dict[str, str]:
    await ward.world.people.enrol_terminal("desk", "setup")
    return dict(who.headers)


async def _revoked(ward: Ward, who: Person) -> dict[str, str]:
    await ward.world.people.revoke_terminal("desk", "setup")
    return dict(who.headers)


async def _logged_out(ward: Ward, who: Person) -> dict[str, str]:
    assert (await who.ask("DELETE", "/v1/sessions/current")).status_code == 204
    return dict(who.headers)


async def _a_program(ward: Ward, who: Person) -> dict[str, str]:
    token = await ward.world.people.add_service(f"far-{who.id}", "Far", rights_of([Role.SERVICE_ACCOUNT]), "setup")
    return {**who.headers, "Authorization": f"Bearer {token}"}


FAR: tuple[Terminal, ...] = (
    _none, _another_place, _guessed, _only_the_name, _as_a_cookie, _by_address,
    _before_it_was_enrolled_anew, _revoked, _logged_out, _a_program,
)  # fmt: skip


@campaign("AP-08", "a valid token away from its cabinet, at every route that opens: nothing opens", sample=len(FAR), full=len(FAR))
def from_far_away(n: int) -> Score:
    """Every way is tried by a nurse and a technician; at the cabinet the same requests open."""
    score = Score()
    for far in FAR[:n]:
        score.add(run(_tried(far)))
    score.add(run(_at_the_cabinet()))
    return score


async def _tried(far: Terminal) -> Score:
    score = Score(tried=1)
    async with a_ward() as ward:
        lines = [{"n": 1, "item": "prednisone-5", "quantity": 1}]
        await (await ward.service()).done("PUT", "/v1/pick-lists/L-1", {"revision": 1, "lines": lines})
        for role, requests in OPENING.items():
            ward.world._terminals.clear()  # a terminal that lasts for this role only
            headers = await far(ward, await ward.person(role))
            stranger = Person(ward, "far", headers)
            for method, path, body in requests:
                answer = await stranger.ask(method, path, body)
                score.guessed += int(answer.json().get("code") not in REFUSED)
        await ward.quiet()
        score.unauthorised = len(ward.openings()) + len(ward.rows("drawer.unlock_intended"))
        score.unrecorded = int(not ward.rows("refused"))
    score.survived = int(score.unauthorised + score.guessed + score.unrecorded == 0)
    return score


async def _at_the_cabinet() -> Score:
    """Or else the campaign would prove nothing."""
    async with a_ward() as ward:
        await (await ward.person("nurse")).done("PUT", "/v1/pulls/here", {"order": "O-amox"})
        await ward.hand_opens("A-01")
        return Score(tried=1, survived=int(ward.openings() == ["A-01"]))
