"""Runs by the clock and by hand: back-off, giving up, secrets, approval, another tenant, what people did meanwhile, many items."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from aiohttp import web

from tandem import ids, jobs
from tandem.db import Jsonb
from tandem.embedding.minilm import MiniLM
from tandem.errors import Conflict, NotFound
from tandem.jobs import Queue
from tandem.knowledge import approvals, documents
from tandem.knowledge.documents import Written
from tandem.knowledge.reading import Format
from tandem.knowledge.sources import Kind, schedule, sources
from tandem.knowledge.sources import folder as folder_room
from tandem.knowledge.sources.schedule import Removal
from tandem.knowledge.sources.sources import Wish
from tandem.knowledge.sources.sync import Sync, key_of
from tests import library
from tests.cast import Cast
from tests.ground import Place
from tests.knowledge.sources.bench import Bench, Site, page
from tests.outgoing.loopback import serving

THREE = {"a.md": "# A\n\nApples.", "b.md": "# B\n\nBananas.", "c.md": "# C\n\nCherries."}


@pytest.fixture
def folder(bench: Bench, tmp_path: Path) -> Path:
    """A folder with three articles."""
    root = tmp_path / "articles"
    root.mkdir()
    for name, text in THREE.items():
        (root / name).write_text(text)
    bench.folders = (tmp_path,)
    return root


@contextmanager
def clock(place: Place) -> Iterator[psycopg.Connection]:
    """The tables, for who moves the time."""
    with psycopg.connect(place.superuser, autocommit=True) as connection:
        yield connection


async def test_what_is_due_is_promised_once(bench: Bench, folder: Path, place: Place) -> None:
    source = await bench.add(Kind.FOLDER, {"path": str(folder)})
    assert await schedule.promise_due(bench.db, Queue(bench.db)) == 1
    assert await schedule.promise_due(bench.db, Queue(bench.db)) == 0
    promised = await bench.look(source)
    assert promised.job_id is not None
    done = await Sync(bench.db, Queue(bench.db), bench.open)(bench.order(source, promised.job_id))
    assert done["added"] == 3
    after = await bench.look(source)
    assert timedelta(hours=21) < after.next_at - after.created_at < timedelta(hours=27)
    with clock(place) as connection:
        connection.execute("update sources set next_at = now()")
        assert await schedule.promise_due(bench.db, Queue(bench.db)) == 1
        connection.execute("update sources set next_at = now(), paused = true")
        assert await schedule.promise_due(bench.db, Queue(bench.db)) == 0


async def test_a_job_that_was_promised_before_another_does_nothing(bench: Bench, folder: Path) -> None:
    source = await bench.add(Kind.FOLDER, {"path": str(folder)})
    first = await bench.promise(source)
    second = await bench.promise(source)
    sync = Sync(bench.db, Queue(bench.db), bench.open)
    assert await sync(first) == {"skipped": True}
    assert (await sync(second))["added"] == 3
    gone = jobs.Order(bench.tenant_id, ids.new(), {"source_id": str(ids.new()), "removals": "few"})
    assert await sync(gone) == {"skipped": True}


async def test_a_source_that_fails_is_tried_ever_more_rarely_and_then_paused(bench: Bench) -> None:
    source = await bench.add(Kind.FOLDER, {"path": "/nowhere"})
    pauses = []
    for n in range(1, 11):
        source = await bench.run(source)
        assert (source.status, source.failures, source.finished_at is None) == ("failed", n, False)
        assert source.finished_at
        pauses.append((source.next_at - source.finished_at).total_seconds() / 60)
    assert all(0.85 * 5 * 2**n < pause < 1.15 * 5 * 2**n for n, pause in enumerate(pauses[:8]))
    assert pauses[-1] < 1.15 * 1440
    assert source.paused
    assert "10 times in a row and is paused" in (source.error or "")
    async with bench.db.tenant(bench.tenant_id) as tx:
        again = await sources.change(tx, source, Wish("folder"), source.settings, None)
    assert (again.paused, again.failures) == (False, 0)


async def test_a_mistake_of_ours_is_told_too(bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = await bench.add(Kind.FOLDER, {"path": str(folder)})

    def mistaken(_: Path) -> list[object]:
        raise RuntimeError("no sentence for an admin")

    monkeypatch.setattr(folder_room, "_files", mistaken)
    order = await bench.promise(source)
    with pytest.raises(RuntimeError):
        await Sync(bench.db, Queue(bench.db), bench.open)(order)
    source = await bench.look(source)
    assert (source.status, source.failures) == ("failed", 1)
    assert "operator's log" in (source.error or "")


async def test_the_same_text_again_makes_no_version_and_what_people_did_stays(bench: Bench, folder: Path) -> None:
    source = await bench.run(await bench.add(Kind.FOLDER, {"path": str(folder)}))
    found = await bench.documents()
    async with bench.db.tenant(bench.tenant_id) as tx:
        await documents.delete(tx, await documents.get(tx, found["B"].id))
        labels = documents.Labels("A")
        await documents.save(tx, Queue(bench.db), labels, Written(Format.MARKDOWN, "# A\n\nEdited."), id=found["A"].id)
    for name in THREE:
        (folder / name).touch()
    source = await bench.run(source)
    assert (source.report["unchanged"], source.report["changed"], source.report["added"]) == (3, 0, 0)
    assert set(await bench.documents()) == {"A", "C"}
    assert (await bench.text("A")).written == "# A\n\nEdited."
    (folder / "b.md").write_text("# B\n\nNew bananas.")
    source = await bench.run(source)
    assert (source.report["added"], set(await bench.documents())) == (1, {"A", "B", "C"})


async def test_what_it_brings_waits_for_approval_where_the_source_is_set_so(
    bench: Bench, folder: Path, embedder: MiniLM
) -> None:
    source = await bench.run(await bench.add(Kind.FOLDER, {"path": str(folder)}, approve=True))
    assert source.report["waiting"] == 3
    await library.ingest_everything(bench.db, bench.tenant_id, embedder)
    assert {document.status for document in (await bench.documents()).values()} == {"review"}
    async with bench.db.tenant(bench.tenant_id) as tx:
        held = {waiting.title: waiting for waiting in await approvals.held(tx)}
        assert set(held) == {"A", "B", "C"}
        await approvals.decide(tx, await documents.get(tx, held["A"].document_id), 1, approve=True)
        await approvals.decide(tx, await documents.get(tx, held["B"].document_id), 1, approve=False)
    for name in THREE:
        (folder / name).touch()
    source = await bench.run(source)
    assert source.report["waiting"] == 0, "what was rejected is not brought again as long as it is the same"
    assert {title: d.status for title, d in (await bench.documents()).items()} == {"A": "ready", "C": "review"}


async def test_another_audience_holds_at_once(bench: Bench, folder: Path, place: Place, embedder: MiniLM) -> None:
    source = await bench.run(await bench.add(Kind.FOLDER, {"path": str(folder)}))
    await library.ingest_everything(bench.db, bench.tenant_id, embedder)
    assert {audience for _, audience in answering(place)} == {"public"}
    async with bench.db.tenant(bench.tenant_id) as tx:
        source = await sources.change(tx, source, Wish("shop", audience="staff"), source.settings, None)
    await bench.run(source)
    found = await bench.documents()
    assert {(d.audience, d.version, d.source) for d in found.values()} == {("staff", 1, "shop")}
    assert {audience for _, audience in answering(place)} == {"staff"}


def answering(place: Place) -> list[tuple[str, str]]:
    """The passages that answer, with those whom they answer."""
    with clock(place) as connection:
        found = connection.execute("select text, audience from passages where live order by text").fetchall()
    return [(text, audience) for text, audience in found]


async def test_a_removed_source_keeps_or_takes_its_documents(bench: Bench, folder: Path) -> None:
    source = await bench.run(await bench.add(Kind.FOLDER, {"path": str(folder)}))
    async with bench.db.tenant(bench.tenant_id) as tx:
        assert await sources.remove(tx, Queue(bench.db), source, with_documents=False) is None
        with pytest.raises(NotFound):
            await sources.get(tx, source.id)
    assert set(await bench.documents()) == {"A", "B", "C"}
    order = jobs.Order(bench.tenant_id, ids.new(), {"source_id": str(source.id)})
    assert await Removal(bench.db)(order) == {"removed": 3}
    assert await bench.documents() == {}


async def test_a_secret_is_sealed_for_its_source_and_shown_by_its_last_letters(
    bench: Bench, place: Place, cast: Cast
) -> None:
    secret = "a-long-secret-token-9876"
    source = await bench.add(Kind.NOTION, {}, secret)
    assert sources.unseal(bench.sealer, bench.tenant_id, source) == secret
    assert sources.last_letters(bench.sealer, bench.tenant_id, source) == "9876"
    assert secret not in repr(source)
    with clock(place) as connection:
        (stored,) = connection.execute("select secret from sources").fetchone() or [b""]
        assert secret.encode() not in bytes(stored)
    assert sources.last_letters(bench.sealer, cast.rival.id, source) is None
    assert sources.last_letters(bench.sealer, bench.tenant_id, replace(source, id=ids.new())) is None
    short = await bench.add(Kind.NOTION, {}, "short", name="short")
    assert sources.last_letters(bench.sealer, bench.tenant_id, short) is None


async def test_a_name_belongs_to_one_source(bench: Bench, folder: Path, cast: Cast) -> None:
    first = await bench.add(Kind.FOLDER, {"path": str(folder)})
    for name in ("folder", "page"):
        with pytest.raises(Conflict):
            await bench.add(Kind.FOLDER, {"path": str(folder)}, name=name)
    rival = Bench(bench.db, cast.rival.id, bench.sealer, bench.room)
    await rival.add(Kind.FOLDER, {"path": str(folder)})
    async with bench.db.tenant(cast.rival.id) as tx:
        with pytest.raises(NotFound):
            await sources.get(tx, first.id)
        assert len(await sources.statuses(tx)) == 1
    async with bench.db.tenant(bench.tenant_id) as tx:
        await sources.remove(tx, Queue(bench.db), first, with_documents=False)
    await bench.add(Kind.FOLDER, {"path": str(folder)})


async def test_two_items_with_long_and_odd_keys_stay_two(bench: Bench) -> None:
    long = "x" * 400
    site = Site({"/": page("Home", "", f"/{long}1", f"/{long}2", "/%20a%25", "/ä?b=ö")})
    site.pages |= {f"/{long}1": page("One"), f"/{long}2": page("Two")}
    async with serving(site) as server:
        source = await bench.run(await bench.add(Kind.SITE, {"url": server.url}))
        assert set(await bench.documents()) == {"Home", "One", "Two"}
        assert (await bench.run(source)).report["unchanged"] == 3
        assert all(len(key) <= 250 for key in await bench.items(source))
    assert key_of("y" * 251) != key_of("y" * 252)


async def test_a_crashed_run_goes_on_under_the_same_job(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [
        {"id": n, "title": f"T{n}", "body": f"<p>{n}</p>", "html_url": "https://x.example/", "updated_at": "1"}
        for n in range(90)
    ]

    def reply(request: web.BaseRequest) -> web.StreamResponse:
        begin = int(request.query.get("page[after]", "0"))
        said = {
            "articles": articles[begin : begin + 30],
            "meta": {"has_more": begin < 60, "after_cursor": str(begin + 30)},
        }
        return web.Response(text=json.dumps(said))

    class Died(BaseException):
        """The process is gone."""

    whole, saved = documents.save, 0

    async def save(*asked: object, **more: object) -> documents.Saved:
        nonlocal saved
        saved += 1
        if saved == 45:
            raise Died
        return await whole(*asked, **more)  # type: ignore[arg-type]

    async with serving(reply) as server:
        source = await bench.add(Kind.ZENDESK, {"url": server.url})
        order = await bench.promise(source)
        monkeypatch.setattr(documents, "save", save)
        sync = Sync(bench.db, Queue(bench.db), bench.open)
        with pytest.raises(Died):
            await sync(order)
        assert len(await bench.documents()) == 44
        report = await sync(order)
        assert (report["added"], report["unchanged"], report["removed"]) == (46, 44, 0)
        found = await bench.documents()
        assert (len(found), {document.version for document in found.values()}) == (90, {1})


async def test_a_source_changed_in_the_middle_of_a_run_begins_anew(bench: Bench, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "z.md").write_text("# Z\n\nZebras.")
    source = await bench.add(Kind.FOLDER, {"path": str(folder)})
    order = await bench.promise(source)
    slow = Sync(bench.db, Queue(bench.db), bench.open, slice_s=0.0)
    async with bench.db.tenant(bench.tenant_id) as tx:
        await tx.run(sources.Q.begin_run, id=source.id, anew=True, cursor=Jsonb({}))
    assert "goes_on" in await slow(order)
    async with bench.db.tenant(bench.tenant_id) as tx:
        held = await sources.get(tx, source.id)
        assert held.cursor
        changed = await sources.change(tx, held, Wish("folder"), {"path": str(other)}, None)
    assert changed.cursor == {}
    done = await bench.run(changed, removals=True)
    assert (done.status, set(await bench.documents())) == ("ok", {"Z"})


async def test_a_page_of_the_crawl_answers_questions(bench: Bench, embedder: MiniLM, place: Place) -> None:
    site = Site({"/": page("Warranty", "Every lamp has a warranty of 24 months")})
    async with serving(site) as server:
        await bench.run(await bench.add(Kind.SITE, {"url": server.url}))
    await library.ingest_everything(bench.db, bench.tenant_id, embedder)
    ((text, audience),) = answering(place)
    assert ("24 months" in text, audience) == (True, "public")
