"""A site for the adversary without pytest around it: a PostgreSQL of its own, the cast, the stub as its model."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tandem.db import Database
from tandem.llm.stub import Stub
from tests import cast as casting
from tests import ground as grounds
from tests.cast import Cast
from tests.ground import Place
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER


@contextmanager
def turned(folder: Path, wire: str) -> Iterator[Site]:
    """The site, for the length of the block. `wire`: openai or anthropic."""
    with grounds.stand(folder, f"soak{wire}", 18, None) as ground:
        cast = casting.PAPERS.validate_json(ground.prepare_template(_fill))
        with (
            ground.database(ground.template.name) as place,
            sites.serve(
                place, cast, FOLDER, rate_limits=False, model=f"{wire}:tiny-1", stub=Stub(), outgoing_allow="127.0.0.1"
            ) as running,
        ):
            yield running


def _fill(place: Place) -> str:
    async def play() -> Cast:
        db = Database(place.app)
        await db.open()
        try:
            return await casting.assemble(db)
        finally:
            await db.close()

    return casting.PAPERS.dump_json(asyncio.run(play())).decode()
