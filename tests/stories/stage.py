"""The stage: a database in which the demo's articles answer, made once a run, and a site on a clone of it for each test.

What `tests.web.site` serves, furnished as `tandem demo` does it. Knows nothing about browsers.
"""

import asyncio
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tandem import embedding
from tandem.db import Database
from tandem.demo import seed
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.ingest import Ingest
from tandem.llm.stub import Pace, Stub
from tandem.tenants import companies
from tests import ground as grounds
from tests.cast import Cast, Company
from tests.ground import Ground, Place
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER

FURNISH_S = 180
"""How long a busy machine may take to read and embed some seventy articles; an idle one takes 3 s."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the furnished template and the demo's papers are."""

    ground: Ground
    cast: Cast
    data_dir: Path
    template: Place

    @contextmanager
    def site(self, **more: Any) -> Iterator[Site]:
        """A site of one's own without a model; `more` goes to `tests.web.site.serve`."""
        with self.database() as place, self.serve(place, **more) as running:
            yield running

    @contextmanager
    def talking_site(self, pace: Pace | None = None, **more: Any) -> Iterator[Site]:
        """The same, with the stub provider for a model."""
        with self.site(stub=Stub(pace=pace or Pace()), **{"model": "openai:tiny-1"} | more) as running:
            yield running

    @contextmanager
    def database(self) -> Iterator[Place]:
        """A clone of the furnished database."""
        with self.ground.database(self.template.name) as place:
            yield place

    @contextmanager
    def serve(self, place: Place, **more: Any) -> Iterator[Site]:
        """A site on a database that outlives it."""
        with sites.serve(place, self.cast, self.data_dir, **{"rate_limits": False} | more) as running:
            yield running


def build(ground: Ground, cast: Cast) -> Stage:
    """The stage of this run; whichever process comes first furnishes it, under a lock."""
    template = ground.place(f"{ground.template.name}_furnished")
    data_dir = ground.folder / f"stage-{ground.run}"
    with grounds.locked(ground.folder / "stage.lock"):
        if not (data_dir / "demo.json").exists():
            ground.drop(template)
            ground.create(template, ground.template.name)
            with ThreadPoolExecutor(1) as aside:
                aside.submit(asyncio.run, _furnish(template, cast)).result()
            if FOLDER.exists():  # the weights of the starter intents, from earlier runs
                drafts = shutil.ignore_patterns("*.tmp")  # another process may be learning them just now
                shutil.copytree(FOLDER, data_dir, dirs_exist_ok=True, ignore=drafts)
            data_dir.mkdir(exist_ok=True)
            papers = {"acme": _papers(cast.acme), "rival": _papers(cast.rival)}
            (data_dir / "demo.json").write_text(json.dumps(papers))
    return Stage(ground, cast, data_dir, template)


def _papers(company: Company) -> dict[str, Any]:
    tenant = seed.DemoTenant(
        str(company.id), company.name, company.widget_key, company.api_key, company.identity_secret, {}
    )
    return asdict(tenant)


async def _furnish(place: Place, cast: Cast) -> None:
    db = Database(place.app)
    await db.open()
    queue = Queue(db)
    queue.register(documents.INGEST, Ingest(db, embedding.load_all()))
    try:
        for name, company in {"acme": cast.acme, "rival": cast.rival}.items():
            async with db.tenant(company.id) as tx:
                await companies.set_look(tx, seed.LOOKS[name])
            await seed.add_articles(db, queue, company.id, seed.FOLDERS[name])
        working = asyncio.create_task(queue.run())
        async with asyncio.timeout(FURNISH_S):
            while await _reading(db, cast.acme.id) or await _reading(db, cast.rival.id):
                await asyncio.sleep(0.1)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    finally:
        await db.close()


async def _reading(db: Database, tenant_id: TenantId) -> bool:
    async with db.tenant(tenant_id) as tx:
        return any(holding.pending for holding in await documents.holdings(tx))
