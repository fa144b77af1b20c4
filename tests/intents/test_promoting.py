"""A new classifier answers only when it is not worse than the one before, on examples that neither has seen."""

import pytest

from tandem.db import Database
from tandem.intents import versions
from tandem.intents.promoting import Compared
from tests.cast import Cast


@pytest.mark.parametrize(("right_new", "promoted"), [(7, False), (8, True), (9, True)])
def test_as_good_is_enough_and_worse_is_kept_back_with_the_reason(right_new: int, promoted: bool) -> None:
    compared = Compared(examples=10, right_new=right_new, right_live=8)
    assert compared.promote is promoted
    assert compared.reason.startswith("Promoted" if promoted else "Kept the old one")
    assert f"{right_new} of 10" in compared.reason


async def test_a_version_that_is_kept_back_does_not_answer(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        first = await versions.add(tx, b"one", {}, "f1", {}, "Promoted: it is the first.", promote=True)
    async with db.tenant(cast.acme.id) as tx:
        worse = await versions.add(tx, b"two", {}, "f2", {}, "Kept the old one: 7 of 10.", promote=False)
    async with db.reading(cast.acme.id) as tx:
        live, latest = await versions.live(tx), await versions.latest(tx)
    assert (live.version if live else None) == first
    assert latest is not None
    assert (latest.version, latest.promoted_at) == (worse, None)
