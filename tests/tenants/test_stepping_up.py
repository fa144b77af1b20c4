"""Stepping up: the right code lifts one conversation for a while, once; no other code, place or time does."""

import asyncio
import random
from email import message_from_bytes
from email.policy import default

import pytest

from tandem.db import Database, Query
from tandem.errors import NotFound
from tandem.outgoing import mail
from tandem.tenants import customers, stepping_up
from tandem.tenants.sealing import Sealer
from tandem.tenants.stepping_up import Code, NoAddress, NotKnown, TooManyCodes
from tests.cast import Cast
from tests.tenants.stepping import GUESSES, Stepping, guess, open_one, stepping_of, wrong

STORED = Query("in this test", None, "", b"select code_hash from step_ups")


@pytest.fixture
async def cy(db: Database, sealer: Sealer, cast: Cast) -> Stepping:
    return await stepping_of(db, sealer, cast.cy)


async def test_the_right_code_lifts_the_conversation(cy: Stepping) -> None:
    code = await cy.begin()
    assert (code.to, code.sent_to) == ("cy@customers.example", "c…@customers.example")
    assert len(code.text) == 6
    assert code.text.isdecimal()
    assert not await cy.is_lifted()
    assert await cy.check(code.text)
    assert await cy.is_lifted()


async def test_it_may_be_typed_as_people_type(cy: Stepping) -> None:
    for write in ("{} {}", " {}-{}\n", "{}\u00a0{}"):
        code = (await cy.begin()).text
        assert await cy.check(write.format(code[:3], code[3:]))
        await cy.wait(3600)


@pytest.mark.parametrize(
    "text", ["", "yes", "12345", "1234567", "１２３４５６", "١٢٣٤٥٦", "²²²²²²", "0x1234", "12345.", "1e5000"]
)
async def test_what_is_no_code_is_wrong_and_costs_nothing(cy: Stepping, text: str) -> None:
    await cy.begin()
    assert not await cy.check(text)
    assert await cy.tries_left() == stepping_up.TRIES


async def test_a_code_is_good_once(cy: Stepping) -> None:
    code = await cy.begin()
    assert await cy.check(code.text)
    await cy.wait(stepping_up.LIFTS_S - 300)
    assert await cy.is_lifted()
    assert not await cy.check(code.text)
    assert await cy.tries_left() == 0
    await cy.wait(301)
    assert not await cy.is_lifted()
    assert not await cy.check(code.text)
    assert not await cy.is_lifted()


async def test_of_many_at_once_with_the_same_code_one_gets_in(cy: Stepping) -> None:
    code = await cy.begin()
    assert sum(await asyncio.gather(*(cy.check(code.text) for _ in range(30)))) == 1


async def test_it_lives_for_ten_minutes(cy: Stepping) -> None:
    code = await cy.begin()
    await cy.wait(595)
    assert await cy.tries_left() == stepping_up.TRIES
    await cy.wait(10)
    assert await cy.tries_left() == 0
    assert not await cy.check(code.text)
    assert not await cy.is_lifted()


async def test_a_newer_code_ends_an_older_one(cy: Stepping) -> None:
    old, new = await cy.begin(), await cy.begin()
    assert old.text == new.text or not await cy.check(old.text)
    assert await cy.check(new.text)


async def test_five_tries_and_no_more(cy: Stepping) -> None:
    code = (await cy.begin()).text
    for left in (4, 3, 2, 1, 0):
        assert not await cy.check(wrong(code))
        assert await cy.tries_left() == left
    assert not await cy.check(code)
    assert not await cy.is_lifted()


async def test_the_fifth_try_counts(cy: Stepping) -> None:
    code = (await cy.begin()).text
    assert [await cy.check(wrong(code)) for _ in range(4)] == [False] * 4
    assert await cy.check(code)


async def test_tries_at_once_are_counted_one_by_one(cy: Stepping) -> None:
    code = (await cy.begin()).text
    assert not any(await asyncio.gather(*(cy.check(wrong(code)) for _ in range(30))))
    assert await cy.tries_left() == 0
    assert not await cy.check(code)


async def test_a_thousand_guesses_get_nobody_in(cy: Stepping) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    assert await guess(cy, seed) == 0
    assert GUESSES == 1000
    assert not await cy.is_lifted()


async def test_three_codes_a_conversation_in_an_hour(cy: Stepping) -> None:
    for _ in range(3):
        await cy.begin()
        await cy.wait(60)
    with pytest.raises(TooManyCodes) as refused:
        await cy.begin()
    assert 3400 < refused.value.extra["retry_after"] <= 3420
    other = await cy.another()
    await other.begin()
    await cy.wait(3430)
    await cy.begin()


async def test_five_codes_a_customer_in_an_hour(cy: Stepping) -> None:
    second, third = await cy.another(), await cy.another()
    for stepping in (cy, cy, cy, second, second):
        await stepping.begin()
    for stepping in (second, third, await cy.another()):
        with pytest.raises(TooManyCodes):
            await stepping.begin()
    await cy.wait(3601)
    await third.begin()


async def test_of_many_asked_for_at_once_three_are_sent(cy: Stepping) -> None:
    async def ask() -> bool:
        try:
            return bool(await cy.begin())
        except TooManyCodes:
            return False

    assert sum(await asyncio.gather(*(ask() for _ in range(20)))) == 3


async def test_of_many_asked_for_at_once_in_many_conversations_five_are_sent(cy: Stepping) -> None:
    everywhere = [await cy.another() for _ in range(12)]

    async def ask(stepping: Stepping) -> bool:
        try:
            return bool(await stepping.begin())
        except TooManyCodes:
            return False

    assert sum(await asyncio.gather(*map(ask, everywhere))) == 5


async def test_after_a_refusal_the_code_that_was_sent_still_works(cy: Stepping) -> None:
    codes = [await cy.begin() for _ in range(3)]
    with pytest.raises(TooManyCodes):
        await cy.begin()
    assert await cy.check(codes[-1].text)


async def test_one_conversation_is_lifted_and_no_other(db: Database, sealer: Sealer, cast: Cast, cy: Stepping) -> None:
    """Not another one of the same customer's, not another customer's, not another tenant's: and theirs do not work here."""
    async with db.tenant(cast.acme.id) as tx:
        nan_id = (await customers.meet(tx, "nan-1", email="nan@customers.example")).id
    own = await cy.another()
    nan = await open_one(db, sealer, cast.acme.id, nan_id)
    quinn = await stepping_of(db, sealer, cast.quinn)
    code = (await cy.begin()).text
    for other in (own, nan, quinn):
        theirs = (await other.begin()).text
        assert theirs == code or not await other.check(code)
        assert theirs == code or not await cy.check(theirs)
        assert not await other.is_lifted()
    assert not await cy.is_lifted()
    assert await cy.check(code)
    assert await cy.is_lifted()
    for other in (own, nan, quinn):
        assert not await other.is_lifted()


async def test_the_conversation_and_the_customer_both_have_to_be_right(
    db: Database, sealer: Sealer, cast: Cast, cy: Stepping
) -> None:
    code = (await cy.begin()).text
    dee_in_it = Stepping(db, sealer, cast.acme.id, cast.dee.id, cy.conversation_id)
    rival_in_it = Stepping(db, sealer, cast.rival.id, cy.customer_id, cy.conversation_id)
    for stranger in (dee_in_it, rival_in_it):
        assert not await stranger.check(code)
        with pytest.raises(NotFound):
            await stranger.begin()
    assert await cy.tries_left() == stepping_up.TRIES
    assert await cy.check(code)
    assert not await dee_in_it.is_lifted()
    assert not await rival_in_it.is_lifted()


async def test_a_stranger_has_nothing_to_prove(db: Database, sealer: Sealer, cast: Cast) -> None:
    with pytest.raises(NotKnown):
        await (await stepping_of(db, sealer, cast.dee)).begin()


@pytest.mark.parametrize("email", [None, "not an address", "cy@x.example, eve@y.example"])
async def test_without_an_address_on_record_there_is_none(
    db: Database, sealer: Sealer, cast: Cast, email: str | None
) -> None:
    async with db.tenant(cast.acme.id) as tx:
        who = await customers.meet(tx, "nomail-1", email=email)
    with pytest.raises(NoAddress):
        await (await open_one(db, sealer, cast.acme.id, who.id)).begin()


async def test_what_is_kept_tells_no_code(db: Database, sealer: Sealer, cast: Cast, cy: Stepping) -> None:
    code = await cy.begin()
    async with db.tenant(cast.acme.id) as tx:
        kept = await tx.one(STORED, bytes)
    assert len(kept) == 32
    assert code.text.encode() not in kept
    assert code.text not in repr(code)
    another = Stepping(db, Sealer(bytes([7]) * 32), cast.acme.id, cy.customer_id, cy.conversation_id)
    assert not await another.check(code.text), "it is worth nothing without the key"
    assert await cy.check(code.text)


async def test_codes_are_drawn_from_all_there_are(cy: Stepping) -> None:
    drawn = []
    for _ in range(60):
        drawn.append((await cy.begin()).text)
        await cy.wait(1300)
    assert len(set(drawn)) > 55
    assert len({code[0] for code in drawn}) > 5
    assert {len(code) for code in drawn} == {6}


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("cy@customer.example", "c…@customer.example"),
        ("c@x.example", "c…@x.example"),
        ("", "…@"),
        ("örjan@x.example", "ö…@x.example"),
    ],
)
def test_an_address_is_shown_to_whom_it_is_their_own(address: str, seen: str) -> None:
    assert stepping_up.shown(address) == seen


async def test_the_mail_says_what_it_is_and_nothing_in_a_name_counts(cy: Stepping) -> None:
    code = await cy.begin()
    written = stepping_up.letter(code, "Acme")
    assert written.to == "cy@customers.example"
    assert written.subject == "Your code for Acme"
    assert f"\n    {code.text}\n" in written.text
    assert "within 10 minutes" in written.text
    assert "If you did not ask for it, ignore this mail" in written.text
    odd = stepping_up.letter(code, "Acme\r\nBcc: eve@y.example\n\n{code.text} %s \u2028" + "x" * 500)
    came = message_from_bytes(bytes(mail.letter(odd, "help@acme.example")), policy=default)
    assert came["bcc"] is None
    assert came["subject"].startswith("Your code for Acme Bcc: eve@y.example {code.text} %s xxx")
    assert stepping_up.letter(code, " \n ").subject == "Your code for our support"


def test_a_code_does_not_show_itself() -> None:
    from datetime import UTC, datetime

    assert "123456" not in repr(Code("cy@x.example", "123456", "c…@x.example", datetime.now(UTC)))
