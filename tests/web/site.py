"""The real site for tests: uvicorn in a thread on a free port, a cloned database with the cast, and the worker beside it.

What a test says to it goes over a socket, so that streams stream and a browser that leaves has left. Knows nothing
about what the answers should be.
"""

import asyncio
import base64
import tempfile
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson
import psycopg
import uvicorn
from fastapi import FastAPI

from tandem import app as app_room
from tandem import ids
from tandem.db import Database
from tandem.db import place as db_place
from tandem.evals.replay import Replaying
from tandem.intents import promoting
from tandem.intents.promoting import Train
from tandem.jobs import Queue, Work
from tandem.knowledge import documents, replays
from tandem.knowledge.ingest import Ingest
from tandem.knowledge.sources import REMOVAL, SYNC, connectors
from tandem.knowledge.sources.schedule import Removal
from tandem.knowledge.sources.sync import Sync
from tandem.llm.stub import Stub
from tandem.settings import Settings
from tandem.tenants import customers
from tandem.web.doors import COOKIE
from tandem.web.parts import Parts
from tests.cast import MASTER_KEY, Cast, Client, Colleague, Company
from tests.ground import Place

T = TypeVar("T")
Caller = Colleague | Client | Company | str | None
"""Who calls: a member by cookie, a customer by token, a company by its API key, a bearer token, or nobody."""

NO_REUSE = httpx.Limits(max_connections=None, max_keepalive_connections=0)
"""A connection for each request: a refused upload closes its own, and the next request must not meet that."""

ALL_KINDS = frozenset({documents.INGEST, replays.REPLAY, promoting.TRAIN, SYNC, REMOVAL})

PATIENCE_S = 60
"""How long anything may take on two cores that others use too."""

START_S = 120.0
"""The first site on a machine learns the starter intents, which takes 6 s of an idle core; tests share two busy ones."""


@dataclass(frozen=True, slots=True)
class Said:
    """One server-sent event."""

    kind: str
    data: dict[str, Any]
    id: str | None


class Conversation(list[Said]):
    """The events of one answer, in order."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The data of every event of a kind."""
        return [said.data for said in self if said.kind == kind]

    @property
    def id(self) -> str:
        """The conversation's."""
        return str(self.of("accepted")[0]["conversation_id"])

    @property
    def ticket_id(self) -> str:
        """The ticket's."""
        return str(self.of("accepted")[0]["ticket_id"])

    @property
    def message_id(self) -> str:
        """The customer's message's."""
        return str(self.of("accepted")[0]["message_id"])

    @property
    def done(self) -> dict[str, Any]:
        """How it ended."""
        return self.of("done")[-1]

    @property
    def text(self) -> str:
        """What was released."""
        return "".join(delta["text"] for delta in self.of("delta"))


def credentials(who: Caller) -> dict[str, str]:
    """The headers that prove who is calling; a member's browser says where it comes from."""
    match who:
        case None:
            return {}
        case Colleague():
            return {"cookie": f"{COOKIE}={who.cookie}", "sec-fetch-site": "same-origin"}
        case Client():
            return {"authorization": f"Bearer {who.token}"}
        case Company():
            return {"authorization": f"Bearer {who.api_key}"}
        case str():
            return {"authorization": f"Bearer {who}"}


def parsed(lines: Iterator[str]) -> Iterator[Said]:
    """Events as they arrive; comments are left out."""
    kind, data, id = "", "", None
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            id = value
        elif name == "data":
            data = value
        elif line == "" and kind:
            yield Said(kind, orjson.loads(data), id)
            kind, data, id = "", "", None


@dataclass(slots=True, eq=False)
class Site:
    """A running site. `run` does something on its own event loop; everything else is a request. Its mails go into `outbox`."""

    url: str
    cast: Cast
    place: Place
    app: FastAPI
    loop: asyncio.AbstractEventLoop
    stub: Stub | None = None
    outbox: Path = Path()
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE_S, limits=NO_REUSE, verify=False)  # no TLS here: 40 ms

    @property
    def parts(self) -> Parts:
        """What the site is made of."""
        parts: Parts = self.app.state.parts
        return parts

    def run(self, work: Awaitable[T]) -> T:
        """The result of a coroutine that runs on the site's loop."""

        async def awaited() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(PATIENCE_S)

    def call(self, who: Caller, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One request."""
        headers = credentials(who) | dict(more.pop("headers", {}))
        if body is not None:
            more |= {"content": orjson.dumps(body)}
            headers = {"content-type": "application/json"} | headers
        return self.http.request(method, path, headers=headers, **more)

    def get(self, who: Caller, path: str, **more: Any) -> httpx.Response:
        """One GET."""
        return self.call(who, "GET", path, **more)

    def post(self, who: Caller, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One POST; without a body, an empty object."""
        return self.call(
            who, "POST", path, {} if body is None and not more.keys() & {"content", "files"} else body, **more
        )

    @contextmanager
    def stream(
        self,
        who: Caller,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = PATIENCE_S,
    ) -> Iterator[Iterator[Said]]:
        """An event stream, open for the length of the block."""
        sent = credentials(who) | dict(headers or {})
        content = orjson.dumps(body) if body is not None else None
        if content is not None:
            sent["content-type"] = "application/json"
        with self.http.stream(method, path, headers=sent, content=content, timeout=timeout) as response:
            if response.status_code != 200:
                response.read()
            assert response.status_code == 200, response.text
            yield parsed(response.iter_lines())

    def chat(self, who: Caller, message: str, conversation_id: str | None = None, **more: Any) -> Conversation:
        """A message and everything that came until the stream ended."""
        body = {"message": message} | ({"conversation_id": conversation_id} if conversation_id else {}) | more
        with self.stream(who, "POST", "/v1/chat", body) as events:
            return Conversation(events)

    def events(self, who: Caller, conversation_id: str, after: int | str = 0, until: str = "") -> Conversation:
        """The conversation's events after a number, up to the last that is there; to the next of a kind with `until`."""
        found = Conversation()
        last = self.last_event(conversation_id, staff=isinstance(who, Colleague))
        if int(after) >= last and not until:
            return found
        with self.stream(
            who, "GET", f"/v1/conversations/{conversation_id}/events", headers={"last-event-id": str(after)}
        ) as events:
            for said in events:
                found.append(said)
                if said.id and int(said.id) >= last and (not until or said.kind == until):
                    break
        return found

    def last_event(self, conversation_id: str, *, staff: bool) -> int:
        """The number of the last event that customers, or the staff, can hear of."""
        with psycopg.connect(self.place.superuser) as connection:
            found = connection.execute(
                "select max(seq) from events where conversation_id = %s and (%s or not for_staff)",
                [ids.read("cnv", conversation_id), staff],
            ).fetchone()
        return int(found[0]) if found and found[0] else 0

    def newcomer(self, company: Company | None = None, *, sub: str | None = None, **claims: str) -> Client:
        """A customer with a fresh session, known by `sub` or anonymous."""
        company = company or self.cast.acme
        once = {"jti": uuid.uuid4().hex}  # two tokens of one second are two all the same
        identity = company.identity(sub, **(once | claims)) if sub else None
        welcome = self.run(customers.open_session(self.parts.db, self.parts.sealer, company.widget_key, identity))
        who = welcome.customer
        return Client(who.id, company.id, who.external_id, who.name, welcome.token, welcome.verified)

    def learn(self, title: str, body: str, company: Company | None = None, **more: str) -> str:
        """An article that answers when this returns; its id."""
        company = company or self.cast.acme
        made = self.post(company, "/v1/kb/documents", {"title": title, "body": body, **more})
        assert made.status_code == 202, made.text
        return self.ready(made.json()["id"], company)

    def ready(self, document_id: str, company: Company | None = None, status: str = "ready") -> str:
        """The document's id, once it has this status."""
        shown: dict[str, Any] = {}

        def there() -> bool:
            shown.update(self.get(company or self.cast.acme, f"/v1/kb/documents/{document_id}").json())
            return bool(shown["status"] == status)

        until(there, PATIENCE_S, lambda: f"document is {shown}")
        return document_id


def until(
    true: Callable[[], bool], seconds: float = 60.0, why: Callable[[], str] = lambda: "it never came true"
) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, why()
        time.sleep(0.02)


@contextmanager
def serve(
    place: Place,
    cast: Cast,
    folder: Path,
    *,
    rate_limits: bool = True,
    model: str = "",
    stub: Stub | None = None,
    jobs: Container[str] = ALL_KINDS,
    **more: Any,
) -> Iterator[Site]:
    """The site on this database, for the length of the block. `model`: `openai:…` or `anthropic:…`, answered by `stub`.

    Its worker does the kinds of `jobs`; others are promised and not done.
    """
    running: list[Site] = []
    trouble: list[BaseException] = []
    stop = threading.Event()
    thread = threading.Thread(
        target=lambda: _run(_main(place, cast, folder, rate_limits, model, stub, jobs, more, running, stop), trouble),
        daemon=True,
    )
    thread.start()
    until(lambda: bool(running or trouble), START_S, lambda: "the site does not start")
    if trouble:
        raise trouble[0]
    try:
        yield running[0]
    finally:
        running[0].http.close()
        stop.set()
        thread.join(PATIENCE_S)
    if trouble:
        raise trouble[0]


def _run(main: Any, trouble: list[BaseException]) -> None:
    try:
        asyncio.run(main)
    except BaseException as problem:  # noqa: BLE001 (the thread that waits raises it)
        trouble.append(problem)


async def _main(
    place: Place,
    cast: Cast,
    folder: Path,
    rate_limits: bool,
    model: str,
    stub: Stub | None,
    jobs: Container[str],
    more: dict[str, Any],
    running: list[Site],
    stop: threading.Event,
) -> None:
    async with AsyncExitStack() as stack:
        if stub is not None:
            await stack.enter_async_context(stub)
        outbox = stack.enter_context(tempfile.TemporaryDirectory(prefix="tandem-outbox-"))
        settings = Settings(
            data_dir=folder,
            rate_limits=rate_limits,
            secret_key=base64.urlsafe_b64encode(MASTER_KEY).decode(),
            model=model,
            model_base_url=stub.url if stub else "",
            model_api_key="stub-key" if stub else "",
            **({"mail_url": f"folder:{outbox}"} | more),
        )
        app = app_room.create(settings, db_place.Place(place.app, False))
        server = uvicorn.Server(
            uvicorn.Config(
                app, port=0, log_level="warning", access_log=False, timeout_graceful_shutdown=1, lifespan="on"
            )
        )
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if serving.done():
            serving.result()
            raise AssertionError("the site stopped before it had started")
        port = server.servers[0].sockets[0].getsockname()[1]
        worker = asyncio.create_task(_work(place, app.state.parts, jobs))
        running.append(
            Site(f"http://127.0.0.1:{port}", cast, place, app, asyncio.get_running_loop(), stub, Path(outbox))
        )
        while not stop.is_set() and not serving.done():
            await asyncio.sleep(0.05)
        worker.cancel()
        server.should_exit = True
        await asyncio.gather(serving, worker, return_exceptions=True)


async def _work(place: Place, parts: Parts, jobs: Container[str]) -> None:
    """The worker, as `tandem worker` runs it, at the same niceness as the tests."""
    db = Database(place.app, size=4)
    await db.open()
    try:
        queue = Queue(db)
        kinds: dict[str, Work] = {
            documents.INGEST: Ingest(db, parts.models),
            replays.REPLAY: Replaying(parts.desk.tools),
            promoting.TRAIN: Train(db, parts.classifiers),
            SYNC: Sync(db, queue, connectors.opener(parts.settings, parts.sealer)),
            REMOVAL: Removal(db),
        }
        for kind in filter(jobs.__contains__, kinds):
            queue.register(kind, kinds[kind])
        await queue.run()
    finally:
        await db.close()
