"""Would the tests of sources notice? A run is made careless in one way after another, and documents must go missing or double."""

from pathlib import Path
from typing import Any

import pytest

from tandem import ids
from tandem.db import Database
from tandem.knowledge.sources import Kind, sync
from tandem.knowledge.sources.listing import Page
from tandem.tenants.sealing import Sealer
from tests.cast import Cast
from tests.knowledge.sources.bench import Bench, Site, page
from tests.outgoing.loopback import serving

ALL = {"Home", "A", "B", "C"}
PAGES = {"/": page("Home", "", "/a", "/b"), "/a": page("A", "", "/c"), "/b": page("B"), "/c": page("C")}


@pytest.fixture
def bench(db: Database, cast: Cast, sealer: Sealer, tmp_path: Path) -> Bench:
    """Acme's sources."""
    return Bench(db, cast.acme.id, sealer, tmp_path)


async def left_after_a_failure(bench: Bench) -> set[str]:
    """What is there after a run in which a page failed, behind which another one is."""
    site = Site(dict(PAGES))
    async with serving(site) as server:
        source = await bench.run(await bench.add(Kind.SITE, {"url": server.url}))
        assert set(await bench.documents()) == ALL
        site.pages["/a"] = 500
        await bench.run(source)
    return set(await bench.documents())


async def test_it_notices_that_half_a_listing_is_taken_for_all(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sync.Sync._take

    async def careless(self: Any, run: Any, connector: Any, given: Page) -> None:
        await whole(self, run, connector, Page(given.items, given.failed, True))

    monkeypatch.setattr(sync.Sync, "_take", careless)
    assert await left_after_a_failure(bench) == ALL - {"C"}


async def test_it_notices_that_a_run_forgets_what_it_has_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sync._run

    def forgetful(order: Any, source: Any) -> Any:
        run = whole(order, source)
        run.id = ids.new()
        return run

    bench.slice_s = 0.0
    async with serving(Site(dict(PAGES))) as server:
        source = await bench.run(await bench.add(Kind.SITE, {"url": server.url}))
        monkeypatch.setattr(sync, "_run", forgetful)
        source = await bench.run(source, removals=True)
    assert set(await bench.documents()) < ALL


async def test_it_notices_that_a_changed_text_is_not_looked_at(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(dict(PAGES))
    async with serving(site) as server:
        source = await bench.run(await bench.add(Kind.SITE, {"url": server.url}))
        site.pages["/b"] = page("B", "Quite another text")
        monkeypatch.setattr(sync, "_is_same", lambda *_: True)
        assert (await bench.run(source)).report["changed"] == 0
        monkeypatch.undo()
        assert (await bench.run(source)).report["changed"] == 1
