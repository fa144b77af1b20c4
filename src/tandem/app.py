"""The API process: everything it is made of, built once in one visible list, and its web app."""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from tandem import __version__, embedding, ids, llm
from tandem.actions.acting import Acting
from tandem.actions.handlers import Handlers
from tandem.answering import unsettled
from tandem.answering.caching import Cache
from tandem.answering.desk import Desk
from tandem.answering.proving import Proving
from tandem.answering.releasing import Releaser
from tandem.answering.tools import Tools
from tandem.conversations import turns
from tandem.conversations.log import Backstop
from tandem.db import Database, selfcheck
from tandem.db.place import Place, kept_up
from tandem.demo import builtins
from tandem.errors import Problem
from tandem.events import Hub
from tandem.hot.opening import open_hot
from tandem.intents import language
from tandem.intents.models import Classifiers
from tandem.jobs import Queue
from tandem.outgoing import read_allowed
from tandem.outgoing.mail import open_mailer
from tandem.settings import Settings
from tandem.tenants.sealing import open_sealer
from tandem.web import doors, pages, problems
from tandem.web.api import ROUTERS
from tandem.web.edge import Edge
from tandem.web.parts import Parts
from tandem.web.viewers import Viewers

log = logging.getLogger(__name__)

POOL = 20
"""Connections: none is held while thinking or streaming, so that few serve thousands."""

BEAT_S = 1.0
ADOPT_S = 2.0
DRAIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Built:
    """The parts of a process, and what runs beside the requests."""

    parts: Parts
    releaser: Releaser
    asked: llm.Models


async def build(settings: Settings, place: Place) -> Built:
    """Everything, once, in order. Raises selfcheck.Unsafe rather than serve from a database that leaks."""
    db = Database(place.app_url, size=POOL)
    await db.open()
    await selfcheck.check(db)
    hub = Hub(ids.new())
    heat = open_hot(settings, db)
    queue = Queue(db)
    sealer = open_sealer(settings)
    mailer = open_mailer(settings)
    models = embedding.from_settings(settings)
    classifiers = Classifiers(models.shipped)
    asked = llm.from_settings(settings)
    releaser = Releaser(db, hub)
    acting = Acting(db, hub, sealer, Handlers(read_allowed(settings.outgoing_allow), builtins.of(settings)))
    acting.carrier.needs_person = unsettled.to_people(db, hub, heat)
    desk = Desk(
        Tools(db, models, classifiers, asked, acting, Proving(db, sealer, mailer), sealer, _answers(settings)),
        hub,
        heat,
        releaser,
    )
    return Built(
        Parts(settings, db, hub, heat, queue, sealer, models, classifiers, desk, acting, Viewers(), asked, mailer),
        releaser,
        asked,
    )


def _answers(settings: Settings) -> Cache | None:
    """The cache of answers to the public's questions, unless the operator wants none."""
    return Cache(settings.answer_cache_s) if settings.answer_cache_s > 0 else None


def create(settings: Settings, place: Place) -> FastAPI:
    """The web app. Raises doors.NoDoor when a route does not say who may call it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with kept_up(settings, place):
            built = await build(settings, place)
            app.state.parts = built.parts
            await built.parts.classifiers.starter()
            async with _beside(built):
                yield
            await built.parts.db.close()

    app = FastAPI(
        title="Tandem",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=False,
    )
    app.state.callers = OrderedDict()
    for router in (*ROUTERS, pages.router):
        app.router.routes.extend(router.routes)  # as they are: `include_router` would work each of them out once more
    problems.install(app)
    app.add_middleware(
        CORSMiddleware,  # no cookie crosses origins: the widget's token stands in a header
        allow_origins=["*"],
        allow_credentials=False,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "last-event-id", "idempotency-key"],
        expose_headers=["retry-after", "x-request-id"],
        max_age=600,
    )
    app.add_middleware(Edge)
    doors.check_doors(app)
    return app


@contextlib.asynccontextmanager
async def _beside(built: Built) -> AsyncIterator[None]:
    """What runs beside the requests, from start to stop."""
    parts = built.parts
    hub, db = parts.hub, parts.db
    await turns.beat(db, hub.process_id)
    running = [
        asyncio.create_task(asyncio.to_thread(language.warm_up)),
        asyncio.create_task(built.releaser.run()),
        asyncio.create_task(hub.carry(parts.hot.bus)),
        asyncio.create_task(hub.hear(parts.hot.bus)),
        asyncio.create_task(hub.backstop(Backstop(db).look)),
        asyncio.create_task(_every(BEAT_S, "beat", lambda: turns.beat(db, hub.process_id))),
        asyncio.create_task(_every(ADOPT_S, "adopt", parts.desk.adopt_abandoned)),
    ]
    try:
        yield
    finally:
        await parts.desk.drain(DRAIN_S)
        with contextlib.suppress(Problem):
            await turns.leave(db, hub.process_id)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await parts.acting.handlers.close()
        await parts.hot.close()
        await built.asked.aclose()


async def _every(seconds: float, name: str, work: Any) -> None:
    """Do it again and again; a failure is logged and tried again."""
    while True:
        try:
            done: Coroutine[Any, Any, Any] = work()
            await done
        except Problem as problem:
            log.warning("%s: %s", name, problem.code)
        except Exception:
            log.exception("%s failed", name)
        await asyncio.sleep(seconds)
