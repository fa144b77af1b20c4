"""Documents read in many at a time: each as if it were alone, whatever becomes of the others, and whoever is killed."""

import asyncio
import random
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tandem import ids, jobs
from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.ids import DocumentId
from tandem.jobs import Queue
from tandem.knowledge import documents, generations, ingest, publishing, storing
from tandem.knowledge.documents import Document, Labels, Saved, Written
from tandem.knowledge.generations import Meaning
from tandem.knowledge.ingest import Ingest
from tandem.knowledge.reading import Format
from tests.cast import Cast
from tests.ground import Place
from tests.knowledge import importing
from tests.library import together

MANY = 30


async def save(db: Database, cast: Cast, name: str, body: str) -> Saved:
    async with db.tenant(cast.acme.id) as tx:
        labels, content = Labels(name), Written(Format.MARKDOWN, body)
        return await documents.save(tx, Queue(db), labels, content, external_id=name)


async def articles(db: Database, cast: Cast, count: int = MANY) -> list[Saved]:
    return [await save(db, cast, f"Part {n}", f"Part {n} costs {n} euros and ships in {n} days.") for n in range(count)]


def order(cast: Cast, saved: Saved) -> jobs.Order:
    args = {"document_id": str(saved.id), "version": str(saved.version)}
    return jobs.Order(cast.acme.id, saved.job_id or ids.new(), args)


async def read(work: Ingest, cast: Cast, saved: list[Saved]) -> list[Any]:
    """All at once, as the worker does."""
    return await asyncio.gather(*(work(order(cast, each)) for each in saved), return_exceptions=True)


async def document(db: Database, cast: Cast, id: DocumentId) -> Document:
    async with db.tenant(cast.acme.id) as tx:
        return await documents.get(tx, id)


def rows(place: Place, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(place.superuser) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def releases(place: Place, cast: Cast) -> int:
    found = rows(place, "select release from knowledge_states where tenant_id = %s", cast.acme.id)
    return int(found[0][0]) if found else 0


async def test_many_are_read_in_at_once_and_share_transactions(
    db: Database, place: Place, cast: Cast, embedder: MiniLM
) -> None:
    saved = await articles(db, cast)
    before = releases(place, cast)
    assert await read(Ingest(db, together(embedder)), cast, saved) == [jobs.Kept()] * MANY
    assert 1 <= releases(place, cast) - before <= MANY // 2
    for n, each in enumerate(saved):
        now = await document(db, cast, each.id)
        assert (now.status, now.live_version, now.passages) == ("ready", 1, 1)
        assert rows(
            place,
            "select p.text, p.live, v.live, v.embedding is not null, v.details is not null from passages p"
            " join passage_vectors v on v.tenant_id = p.tenant_id and v.passage_id = p.id where p.document_id = %s",
            each.id,
        ) == [(f"Part {n} costs {n} euros and ships in {n} days.", True, True, True, True)]
        assert rows(place, "select status, result from jobs where id = %s", each.job_id) == [("done", {"passages": 1})]


async def test_the_words_of_all_of_them_are_counted(db: Database, place: Place, cast: Cast, embedder: MiniLM) -> None:
    await read(Ingest(db, together(embedder)), cast, await articles(db, cast))
    counted = rows(place, "select lexeme, passages from vocabulary where tenant_id = %s and passages > 0", cast.acme.id)
    real = rows(
        place,
        "select w.lexeme, count(*) from passages p, unnest(p.tsv) w where p.tenant_id = %s and p.live group by 1",
        cast.acme.id,
    )
    assert len(real) > MANY
    assert sorted(counted) == sorted(real)


async def test_one_without_text_says_so_and_the_others_answer(db: Database, cast: Cast, embedder: MiniLM) -> None:
    saved = await articles(db, cast, 8)
    empty = await save(db, cast, "Empty", "<!-- nothing -->")
    outcomes = await read(Ingest(db, together(embedder)), cast, [*saved[:4], empty, *saved[4:]])
    assert isinstance(outcomes[4], Exception)
    failed = await document(db, cast, empty.id)
    assert (failed.status, failed.live_version) == ("error", None)
    assert failed.error
    assert [(await document(db, cast, each.id)).status for each in saved] == ["ready"] * 8


async def test_one_that_the_database_refuses_fails_alone(
    db: Database, place: Place, cast: Cast, embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them share a transaction, which fails; each is tried by itself then."""
    meanings = generations.meanings

    async def one_is_broken(model: Any, models: Any, texts: Any) -> list[Meaning]:
        found = await meanings(model, models, texts)
        return [
            replace(m, embedding="[1,2]") if "Part 3 " in text else m for (_, text), m in zip(texts, found, strict=True)
        ]

    monkeypatch.setattr(generations, "meanings", one_is_broken)
    saved = await articles(db, cast, 8)
    outcomes = await read(Ingest(db, together(embedder)), cast, saved)
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [n == 3 for n in range(8)]
    assert [(await document(db, cast, each.id)).live_version for each in saved] == [
        None if n == 3 else 1 for n in range(8)
    ]
    assert rows(place, "select from passages where document_id = %s", saved[3].id) == []
    assert rows(place, "select status from jobs where id = %s", saved[3].job_id) == [("queued",)]  # it is tried again


async def test_the_same_again_changes_nothing(db: Database, place: Place, cast: Cast, embedder: MiniLM) -> None:
    """A worker that dies after the commit and before the queue hears of it leaves its job to the next one."""
    saved = await articles(db, cast, 4)
    work = Ingest(db, together(embedder))
    await read(work, cast, saved)
    stored = rows(place, "select id from passages where tenant_id = %s order by id", cast.acme.id)
    counted = rows(place, "select lexeme, passages from vocabulary where tenant_id = %s order by 1", cast.acme.id)
    assert await read(work, cast, [*saved, *saved]) == [jobs.Kept()] * 8
    assert rows(place, "select id from passages where tenant_id = %s order by id", cast.acme.id) == stored
    assert (
        rows(place, "select lexeme, passages from vocabulary where tenant_id = %s order by 1", cast.acme.id) == counted
    )


async def test_a_long_document_goes_live_at_once_and_short_ones_pass_it(
    db: Database, place: Place, cast: Cast, embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH", 4)
    body = "\n\n".join(f"## Chapter {n}\n\n" + f"Chapter {n} tells of parcels and returns. " * 12 for n in range(30))
    long, short = await save(db, cast, "Manual", body), await save(db, cast, "Short", "Parcels are free.")
    seen: list[tuple[int, int, bool]] = []
    store = storing.Storing.store

    async def watched(self: storing.Storing, read: storing.Read) -> Any:
        answer = await store(self, read)
        if read.document_id == long.id:
            stored, live = rows(
                place,
                "select count(*)::int, (count(*) filter (where live))::int from passages where document_id = %s",
                long.id,
            )[0]
            seen.append((stored, live, (await document(db, cast, short.id)).status == "ready"))
        return answer

    monkeypatch.setattr(storing.Storing, "store", watched)
    await read(Ingest(db, together(embedder)), cast, [long, short])
    whole = seen[-1][0]
    assert whole >= 30
    assert [live for _, live, _ in seen] == [0] * (len(seen) - 1) + [whole]
    assert seen[-2][2], "the short one waited for the long one"
    assert (await document(db, cast, long.id)).passages == whole


async def test_a_newer_version_makes_the_older_pointless(
    db: Database, place: Place, cast: Cast, embedder: MiniLM
) -> None:
    first = await save(db, cast, "Lamp", "It costs 3 euros.")
    second = await save(db, cast, "Lamp", "It costs 4 euros.")
    work = Ingest(db, together(embedder))
    assert await work(order(cast, first)) == {"passages": 0, "skipped": True}
    assert await work(order(cast, second)) == jobs.Kept()
    assert rows(place, "select version, text from passages where document_id = %s", first.id) == [
        (2, "It costs 4 euros.")
    ]


async def test_who_edits_meanwhile_neither_waits_for_ever_nor_is_undone(
    db: Database, place: Place, cast: Cast, embedder: MiniLM
) -> None:
    """Labels, withdrawals and newer texts at the very moment when their documents are stored."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    drawn = random.Random(seed)
    saved = await articles(db, cast)
    work, fates = Ingest(db, together(embedder)), {each.id: drawn.choice(["stays", "hidden", "gone"]) for each in saved}

    async def edit(each: Saved, n: int) -> None:
        await asyncio.sleep(drawn.uniform(0, 1))
        async with db.tenant(cast.acme.id) as tx:
            if fates[each.id] == "gone":
                await publishing.lock(tx)  # before the document, as whoever withdraws one does
                await documents.delete(tx, await documents.get(tx, each.id, lock=True))
            elif fates[each.id] == "hidden":
                labels = Labels(f"Part {n}", audience="staff")
                content = Written(Format.MARKDOWN, f"Part {n} costs {n} euros and ships in {n} days.")
                await documents.save(tx, Queue(db), labels, content, id=each.id)

    edits = [edit(each, n) for n, each in enumerate(saved)]
    outcomes = await asyncio.gather(*(work(order(cast, each)) for each in saved), *edits, return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    shown = rows(
        place,
        "select p.document_id, p.audience, v.audience from passages p join documents d on d.tenant_id = p.tenant_id"
        " and d.id = p.document_id join passage_vectors v on v.tenant_id = p.tenant_id and v.passage_id = p.id"
        " where p.tenant_id = %s and p.live and v.live and d.deleted_at is null",
        cast.acme.id,
    )
    audiences = {"stays": "public", "hidden": "staff"}
    wanted = [(id, audiences[fate], audiences[fate]) for id, fate in fates.items() if fate != "gone"]
    assert sorted(shown) == sorted(wanted)
    live = rows(place, "select count(*) from passages where tenant_id = %s and live", cast.acme.id)
    counted = rows(place, "select passages from vocabulary where lexeme = %s", f"t_{cast.acme.id}")
    assert live == counted == [(len(wanted),)]


@pytest.mark.timeout(1500)
async def test_nothing_is_lost_or_doubled_when_an_import_is_killed(place: Place, cast: Cast, tmp_path: Path) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    found = await asyncio.to_thread(importing.killed, place, cast.acme.id, tmp_path, 300, seed)
    assert found == []
