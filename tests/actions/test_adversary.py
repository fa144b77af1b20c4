"""A model turned against its operator, with customers who help it: nothing is done without owner, rights, limits and agreement."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator

import pytest

from tandem.llm.stub import Stub
from tests.actions import invariants
from tests.actions.attacking import staged
from tests.cast import Cast
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER

TRACES = {"openai": 150, "anthropic": 150}
FAILING = 0.5
"""So many of the changes go wrong at the backend: some fifty in all."""


@pytest.fixture(params=TRACES)
def turned_site(request: pytest.FixtureRequest, ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site whose model is the stub, on either wire, and that may reach loopback."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(
            place,
            cast,
            FOLDER,
            rate_limits=False,
            model=f"{request.param}:tiny-1",
            stub=Stub(),
            outgoing_allow="127.0.0.1",
        ) as running,
    ):
        yield running


def test_a_model_that_asks_for_anything_at_any_time_does_nothing_that_may_not_be(
    turned_site: Site, request: pytest.FixtureRequest
) -> None:
    seed = secrets.randbits(32)
    with staged(turned_site, seed, FAILING) as raid:
        asyncio.run(raid.run(TRACES[request.node.callspec.params["turned_site"]]))
        found = invariants.findings(raid)
    done = Counter(effect.action for effect in raid.market.done)
    print(
        f"seed {seed}: {len(raid.traces)} traces, done {dict(done)}, {raid.market.failures} failures, {dict(raid.statuses)}"
    )
    assert not found, "\n".join([f"seed {seed}", *found])
    assert len(done) >= 5
    assert sum(done.values()) > 20
    assert raid.market.failures > 20
