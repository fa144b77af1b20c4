"""A site whose actions go to a backend on loopback, for tests of actions."""

from collections.abc import Iterator

import pytest

from tandem.llm.stub import Stub
from tests.actions import backend as backends
from tests.actions.shop import Shop, open_shop
from tests.cast import Cast
from tests.ground import Ground
from tests.web import site as sites
from tests.web.sites import FOLDER


@pytest.fixture
def backend() -> Iterator[backends.Backend]:
    """A company's backend of this test's own."""
    with backends.serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def acting_site(ground: Ground, cast: Cast) -> Iterator[sites.Site]:
    """A site without a model that may reach loopback."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=False, outgoing_allow="127.0.0.1") as running,
    ):
        yield running


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def calling_site(request: pytest.FixtureRequest, ground: Ground, cast: Cast) -> Iterator[sites.Site]:
    """A site whose model is the stub provider, on either wire, and that may reach loopback."""
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


@pytest.fixture
def shop(acting_site: sites.Site, backend: backends.Backend) -> Shop:
    """The site with the actions of these tests, their backend fresh."""
    return open_shop(acting_site, backend)


@pytest.fixture
def talking_shop(calling_site: sites.Site, backend: backends.Backend) -> Shop:
    """The same with a model."""
    return open_shop(calling_site, backend)
