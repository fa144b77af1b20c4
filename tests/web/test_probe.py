"""Two tenants never meet, and neither do two customers: nothing of anybody else's comes out of any route."""

import asyncio
import os
import random

import pytest

from tests.cast import Cast
from tests.web import canaries, probing
from tests.web.probing import Ground
from tests.web.site import Caller, Site

RATE_LIMITS = False

PROBES = int(os.environ.get("TANDEM_PROBES", "2000"))
SEED = int(os.environ.get("TANDEM_SEED") or random.randrange(10**6))


@pytest.fixture(scope="module")
def probed(site: Site, cast: Cast) -> Ground:
    """Everybody's things, and the probe that looks for them."""
    return probing.prepare(site, cast)


def test_those_whom_it_belongs_to_see_it(probed: Ground, cast: Cast) -> None:
    site, theirs = probed.site, probed.rival.named
    readers: dict[str, Caller] = {
        f"/v1/conversations/{theirs['cnv']}": cast.quinn,
        f"/v1/tickets/{theirs['tkt']}": cast.rob,
        f"/v1/turns/{theirs['trn']}": cast.ray,
        f"/v1/kb/documents/{theirs['doc']}": cast.rival,
        f"/v1/messages/{theirs['msg']}/citations/1": cast.quinn,
        "/v1/kb/documents": cast.ruth,
        "/v1/tickets": cast.ruth,
        "/v1/members": cast.ruth,
    }
    for path, who in readers.items():
        assert probed.rival.canary in site.get(who, path).text, path


def test_every_table_that_can_hold_a_word_holds_the_canary(probed: Ground, cast: Cast) -> None:
    counts = canaries.counts(probed.site.place, cast.rival, probed.rival.canary)
    assert len(counts) > 20
    assert [name for name, count in counts.items() if count == 0] == []


def test_nothing_of_others_comes_out_and_nothing_of_theirs_changes(probed: Ground, cast: Cast) -> None:
    before = canaries.fingerprints(probed.site.place, cast.rival)
    chosen = probing.probes(probed, SEED, PROBES)
    outcome = asyncio.run(probing.run(probed, chosen))
    print(f"{outcome.probes} probes, {outcome.refused} refused at the door, {outcome.admitted} let in, ", end="")
    print(f"{outcome.split_ms:+.2f} ms for what is not yours. Again: TANDEM_SEED={SEED} TANDEM_PROBES={PROBES}")
    assert not outcome.leaks, "\n".join(outcome.leaks[:20])
    assert outcome.probes >= PROBES
    assert outcome.admitted > 100
    assert canaries.fingerprints(probed.site.place, cast.rival) == before
