"""The worker process: what requests promised, and what must happen now and then."""

import asyncio
import contextlib
import logging
import os

from tandem import embedding, ids, llm
from tandem.actions.acting import Acting
from tandem.actions.handlers import Handlers
from tandem.answering import unsettled
from tandem.answering.tools import Tools
from tandem.db import Database, selfcheck
from tandem.db.place import Place, kept_up
from tandem.demo import builtins
from tandem.embedding import Embedders
from tandem.errors import Problem
from tandem.evals.replay import Replaying
from tandem.events import Hub
from tandem.hot import Hot
from tandem.hot.opening import open_hot
from tandem.intents import promoting
from tandem.intents.models import Classifiers
from tandem.intents.promoting import Train
from tandem.jobs import Queue
from tandem.knowledge import documents, generations, ingest, replays
from tandem.knowledge.generations import Rebuild
from tandem.knowledge.ingest import Ingest
from tandem.knowledge.sources import REMOVAL, SYNC, connectors, schedule
from tandem.knowledge.sources.schedule import Removal
from tandem.knowledge.sources.sync import Sync
from tandem.learning import rounds
from tandem.outgoing import read_allowed
from tandem.settings import Settings
from tandem.tenants import companies
from tandem.tenants.sealing import open_sealer
from tandem.tickets import assigning, sla, working

log = logging.getLogger(__name__)

NICENESS = 10
"""Ingestion yields to answering on a busy machine."""

SWEEP_S = 60.0

STAFF_S = 2.0
"""Between two looks for tickets to give out and promises that are due. Requests give out at once what they can see."""

ACT_S = 1.0
"""Between two looks for actions that are due; the first of them is asked for again after 2 s."""


async def run(settings: Settings, place: Place) -> None:
    """Work until cancelled."""
    os.nice(NICENESS)
    async with kept_up(settings, place):
        await _work(settings, place)


async def _work(settings: Settings, place: Place) -> None:
    db = Database(place.app_url, size=6)
    await db.open()
    await selfcheck.check(db)
    hub = Hub(ids.new())
    hot = open_hot(settings, db)
    queue = Queue(db)
    models = embedding.from_settings(settings)
    queue.register(documents.INGEST, Ingest(db, models), at_once=ingest.AT_ONCE)
    queue.register(generations.REBUILD, Rebuild(db, models))
    asked, sealer = llm.from_settings(settings), open_sealer(settings)
    classifiers = Classifiers(models.shipped)
    queue.register(promoting.TRAIN, Train(db, classifiers))
    queue.register(replays.REPLAY, Replaying(Tools(db, models, classifiers, asked, sealer=sealer)))
    queue.register(SYNC, Sync(db, queue, connectors.opener(settings, sealer)))
    queue.register(REMOVAL, Removal(db))
    await _embed_anew(db, queue, models)
    acting = Acting(db, hub, sealer, Handlers(read_allowed(settings.outgoing_allow), builtins.of(settings)))
    acting.carrier.needs_person = unsettled.to_people(db, hub, hot)
    learning = rounds.run(db, models.shipped)
    beside = [
        asyncio.create_task(work)
        for work in (hub.carry(hot.bus), _sweep(db, hub, queue), _staff(db, hub, hot), _act(acting), learning)
    ]
    try:
        await queue.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await acting.handlers.close()
        await asked.aclose()
        with contextlib.suppress(Exception):
            await db.close()


async def _embed_anew(db: Database, queue: Queue, models: Embedders) -> None:
    """The operator may have chosen another embedding model since the last start."""
    for tenant_id in await companies.every(db):
        async with db.tenant(tenant_id) as tx:
            await generations.begin(tx, queue, models)


async def _staff(db: Database, hub: Hub, hot: Hot) -> None:
    """Work to who is there, and promises that are due; a failure is logged and tried again."""
    while True:
        await asyncio.sleep(STAFF_S)
        try:
            await assigning.staff_all(db, hub, hot.presence)
            await sla.look_at_the_clock(db, hub)
        except Problem as problem:
            log.warning("staff: %s", problem.code)


async def _act(acting: Acting) -> None:
    """Actions that somebody has to look after: a process has died, or a backend has not said what it did."""
    while True:
        await asyncio.sleep(ACT_S)
        try:
            await acting.carrier.look_after()
        except Problem as problem:
            log.warning("actions: %s", problem.code)


async def _sweep(db: Database, hub: Hub, queue: Queue) -> None:
    """What is due by the clock; a failure is logged and tried again."""
    while True:
        await asyncio.sleep(SWEEP_S)
        try:
            await working.resolve_quiet(db, hub)
            await schedule.promise_due(db, queue)
        except Problem as problem:
            log.warning("sweep: %s", problem.code)
