"""One site for all tests of what turns teach: each of them brings its own articles and customers."""

from collections.abc import Iterator

import pytest

from tests.cast import Cast
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER


@pytest.fixture(scope="session")
def site(ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site without a model and without rate limits."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=False) as running,
    ):
        yield running


@pytest.fixture
def bare(site: Site) -> None:
    """Acme knows nothing."""
    for document in site.get(site.cast.acme, "/v1/kb/documents", params={"limit": 200}).json()["items"]:
        assert site.call(site.cast.acme, "DELETE", f"/v1/kb/documents/{document['id']}").status_code == 204
