"""Signing for oneself: every way in which one human being can come as two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.acceptance.test_b9_discrepancy import SAID, wrong_twice
from tests.acceptance.ward import Person, Ward, a_ward
from tests.kit.virtual_loop import run
from tests.proof.campaign import Score, campaign

REFUSED = frozenset({"witness-same-person", "log-in-failed", "terminal-not-enrolled", "not-allowed"})
ROLE = "charge_nurse"


class Hall:
    """A ward with an open discrepancy, an administrator, and Cleo, whose accounts are `cleo` and whatever is made for her."""

    def __init__(self, ward: Ward, administrator: Person, discrepancy: str) -> None:
        self.ward, self._administrator = ward, administrator
        self.path = f"/v1/discrepancies/{discrepancy}/resolution"
        self.human = {"cleo": "cleo"}

    async def account(self, id_: str, human: str = "cleo", **more: Any) -> str:
        """A further account of a human being, made as an administrator makes it."""
        pin = f"{5301 + 10 * len(self.human)}"
        body = {"name": f"Account {id_}", "roles": [ROLE], "pin": pin, **more}
        await self._administrator.done("PUT", f"/v1/people/{id_}", body)
        self.ward.world._pins[id_], self.human[id_] = pin, human
        return id_

    async def edits(self, method: str, path: str, body: Any = None) -> None:
        """What the administrator does to an account."""
        version = (await self._administrator.ask("GET", path)).headers.get("etag", "*")
        answer = await self._administrator.ask(method, path, body, **{"If-Match": version})
        assert answer.status_code < 300, answer.text

    async def logged_in(self, id_: str) -> Person:
        """Somebody by an account, at the desk."""
        return await self.ward.person(ROLE, id_)

    async def signs(self, actor: Person, who: str, pin: str | None = None) -> str:
        """Another name signs what the actor resolves; the code of the refusal, or the token."""
        signed = (await actor.refused("POST", self.path, SAID, "witness-needed"))["facts"]["subject"]
        body = {"who": who, "pin": pin or self.ward.world._pins[who], "subject": signed}
        answer = (await actor.ask("POST", "/v1/witnesses", body)).json()
        return str(answer.get("code") or answer["witness"])

    async def resolves(self, actor: Person, token: str) -> str:
        """The actor hands the token in; the code of the refusal, or `resolved`."""
        answer = (await actor.ask("POST", self.path, {**SAID, "witness": token})).json()
        return str(answer.get("code") or answer["state"])

    async def tries(self, actor: str, who: str, pin: str | None = None) -> str:
        """The whole of it: how far it comes."""
        person = await self.logged_in(actor)
        signed = await self.signs(person, who, pin)
        return signed if signed in REFUSED else await self.resolves(person, signed)


Way = Callable[[Hall], Awaitable[str]]


async def _own_name(hall: Hall) -> str:
    return await hall.tries("cleo", "cleo")


async def _full_name(hall: Hall) -> str:
    return await hall.tries("cleo", "Cleo", hall.ward.world._pins["cleo"])


async def _second_badge(hall: Hall) -> str:
    await hall.edits("PUT", "/v1/people/cleo/badge", {"badge": "card-1"})
    await hall.edits("PUT", "/v1/people/cleo/badge", {"badge": "card-2"})
    return await hall.tries("cleo", "card-2", hall.ward.world._pins["cleo"])


async def _first_badge_again(hall: Hall) -> str:
    await hall.edits("PUT", "/v1/people/cleo/badge", {"badge": "card-3"})
    await hall.edits("PUT", "/v1/people/cleo/badge", {"badge": "card-4"})
    return await hall.tries("cleo", "card-3", hall.ward.world._pins["cleo"])


async def _name_changed(hall: Hall) -> str:
    cleo = await hall.logged_in("cleo")
    await hall.edits("PUT", "/v1/people/cleo", {"name": "Mrs Newname", "roles": [ROLE]})
    signed = await hall.signs(cleo, "Mrs Newname", hall.ward.world._pins["cleo"])
    return signed if signed in REFUSED else await hall.resolves(cleo, signed)


async def _second_account(hall: Hall) -> str:
    return await hall.tries("cleo", await hall.account("cleo-b", same_as="cleo"))


async def _second_account_acts(hall: Hall) -> str:
    return await hall.tries(await hall.account("cleo-c", same_as="cleo"), "cleo")


async def _two_further_accounts(hall: Hall) -> str:
    one = await hall.account("cleo-d", same_as="cleo")
    return await hall.tries(one, await hall.account("cleo-e", same_as=one))


async def _second_accounts_badge(hall: Hall) -> str:
    account = await hall.account("cleo-f", same_as="cleo", badge="card-5")
    return await hall.tries("cleo", "card-5", hall.ward.world._pins[account])


async def _known_as_hers_only_after_signing(hall: Hall) -> str:
    account = await hall.account("cleo-g")
    cleo = await hall.logged_in("cleo")
    token = await hall.signs(cleo, account)
    await hall.edits("PUT", f"/v1/people/{account}", {"name": "Cleo too", "roles": [ROLE], "same_as": "cleo"})
    return await hall.resolves(cleo, token)


async def _old_account_of_one_hired_again(hall: Hall) -> str:
    old = await hall.account("rita", "rita")
    await hall.edits("DELETE", f"/v1/people/{old}")
    return await hall.tries(await hall.account("rita-2", "rita", same_as=old), old)


async def _two_accounts_of_one_hired_again(hall: Hall) -> str:
    old = await hall.account("rosa", "rosa")
    await hall.edits("DELETE", f"/v1/people/{old}")
    one = await hall.account("rosa-2", "rosa", same_as=old)
    return await hall.tries(one, await hall.account("rosa-3", "rosa", same_as=old))


WAYS: tuple[Way, ...] = (
    _own_name, _full_name, _second_badge, _first_badge_again, _name_changed, _second_account, _second_account_acts,
    _two_further_accounts, _second_accounts_badge, _known_as_hers_only_after_signing, _old_account_of_one_hired_again,
    _two_accounts_of_one_hired_again,
)  # fmt: skip


@campaign("AU-09", "the same human being as actor and witness, in every disguise: refused", sample=len(WAYS), full=len(WAYS))
def signing_for_oneself(n: int) -> Score:
    """One ward for all; in the end somebody else signs, and it is resolved."""
    return run(_all(WAYS[:n]))


async def _all(ways: tuple[Way, ...]) -> Score:
    score = Score()
    async with a_ward() as ward:
        nurse, administrator = await ward.person("nurse"), await ward.person("administrator")
        hall = Hall(ward, administrator, await wrong_twice(ward, nurse))
        await hall.logged_in("cleo")
        for way in ways:
            told = await way(hall)
            score.add(Score(tried=1, survived=int(told in REFUSED), unauthorised=int(told not in REFUSED)))
        score.unauthorised += len(ward.rows("discrepancy.resolved", "witness.used"))
        await ward.person("nurse", "b-nurse")
        hall.human["b-nurse"] = "b-nurse"
        ended = await hall.tries("cleo", "b-nurse")
        [resolved] = ward.rows("discrepancy.resolved")
        two = hall.human[resolved["by"]] != hall.human[resolved["witness"]]
        score.add(Score(tried=1, survived=int(ended == "resolved" and two)))
    return score
