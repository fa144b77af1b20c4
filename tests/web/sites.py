"""Fixtures: one site for each test file, with rate limits unless the file says `RATE_LIMITS = False`.

Its worker does every kind of job, or those that the file names in `JOBS`: thousands of odd requests promise trainings and
replays that take minutes of a core, and about whose end nobody there asks.
"""

from collections.abc import Iterator

import pytest

from tandem.embedding.loading import default_cache_dir
from tandem.llm.stub import Pace, Stub
from tests.cast import Cast
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Site

FOLDER = default_cache_dir() / "tests"
"""Where sites keep the weights of the starter intents from one run to the next."""


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site without a model."""
    limits = getattr(request.module, "RATE_LIMITS", True)
    jobs = getattr(request.module, "JOBS", sites.ALL_KINDS)
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=limits, jobs=jobs) as running,
    ):
        yield running


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def talking_site(request: pytest.FixtureRequest, ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site whose model is the stub provider, on either wire; without rate limits."""
    stub = Stub(pace=getattr(request.module, "PACE", Pace()))
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=False, model=f"{request.param}:tiny-1", stub=stub) as running,
    ):
        yield running
