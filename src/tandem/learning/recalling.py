"""When answers have to be taken back: a person says that a passage is wrong, or an article no longer says what was quoted.

A recall by change looks at what answers, not at who published it: documents whose live version is not the one it looked at
last. Doing it twice does the same once, so that nothing is missed or doubled when a worker dies in between. A version is
looked at again until every answer that was under way when it went live has been written.

That an article is withdrawn does not make it wrong: nothing opens by itself then, and a person may.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Database, Jsonb, Queries, Tx
from tandem.embedding import Embedder
from tandem.errors import NotFound
from tandem.ids import ConversationId, CustomerId, DocumentId, MessageId, TenantId
from tandem.learning import correcting, marks, wording
from tandem.learning.correcting import Article, Instead, Passage, Quote

Q = Queries("tandem.learning")

READER = "recall"

DAYS = 90
"""Answers older than this are not taken back by themselves; a person's recall takes them all."""

SETTLED_S = 120.0
"""An answer that was begun before a version went live is written by then: a turn ends within a minute."""

AT_ONCE = 200
"""Documents looked at in one round, and answers stored in one round trip."""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A document as it answers now."""

    id: DocumentId
    title: str
    version: int | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """What a version said."""

    version: int
    body: str


@dataclass(frozen=True, slots=True)
class Affected:
    """An answer that may have to be taken back; `settled`: status and quotes of its last item, where it was in a recall before."""

    message_id: MessageId
    conversation_id: ConversationId
    customer_id: CustomerId
    said_at: datetime
    said: str
    quotes: list[dict[str, Any]]
    settled: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An answer that waits to be taken back, drafted for a version that does not answer any more."""

    recall_id: UUID
    message_id: MessageId
    said_at: datetime
    said: str
    quotes: list[dict[str, Any]]
    trigger: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recall's id."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which answers: of a document, of one version of it, of one passage. `by_version`: the version that no longer says it."""

    document_id: DocumentId
    version: int | None = None
    passage_id: UUID | None = None
    days: int | None = None
    by_version: int | None = None

    @property
    def filters(self) -> dict[str, Any]:
        """As the queries have them."""
        return {
            "document_id": self.document_id,
            "version": self.version,
            "passage_id": self.passage_id,
            "days": self.days,
        }


Changes = dict[Quote, tuple[Instead, ...]]


async def by_person(
    db: Database, embedder: Embedder, tenant_id: TenantId, wanted: Wanted, reason: str, author: str
) -> UUID:
    """Take back every answer that rests on it, whenever it was given. Raises NotFound for no such document."""
    article, changes = await _compared(db, embedder, tenant_id, wanted)
    async with db.tenant(tenant_id) as tx:
        return await _open(tx, wanted, await _rows(tx, wanted, article, changes), reason, author)


async def by_change(db: Database, embedder: Embedder, tenant_id: TenantId) -> int:
    """Open a recall for every document that no longer says what it was quoted for; how many documents were looked at."""
    async with db.tenant(tenant_id) as tx:
        state = await marks.unread_state(tx, READER)
        if state is None:
            return 0
        await tx.run(Q.mark_unquoted, reader=READER, seconds=SETTLED_S)
        changed = await marks.changed(tx, READER, settled_s=SETTLED_S, most=AT_ONCE)
    for document in changed:
        await _look(db, embedder, tenant_id, document)
    if len(changed) < AT_ONCE and all(document.settled for document in changed):
        async with db.tenant(tenant_id) as tx:
            await marks.read_state(tx, READER, state)
    return len(changed)


async def _look(db: Database, embedder: Embedder, tenant_id: TenantId, document: marks.Changed) -> None:
    """One document as it answers now."""
    wanted = Wanted(document.id, days=DAYS, by_version=document.live_version)
    article, changes = await _compared(db, embedder, tenant_id, wanted)
    async with db.tenant(tenant_id) as tx:
        affects = article.version is not None and any(changes.values())
        if affects and (rows := await _rows(tx, wanted, article, changes)):
            await _open(tx, wanted, rows, _reason(article, changes), "Tandem")
        await _draft_anew(tx, article, changes)
        if document.settled:
            await marks.read_document(tx, READER, document.id, article.version)


async def _compared(db: Database, embedder: Embedder, tenant_id: TenantId, wanted: Wanted) -> tuple[Article, Changes]:
    """The article as it answers now, and what became of everything that was quoted from it."""
    async with db.tenant(tenant_id) as tx:
        article = await _article(tx, wanted.document_id)
        quotes = await tx.all(Q.quotes, Quote, **wanted.filters)
        versions = sorted({quote.version for quote in quotes})
        bodies = await tx.all(Q.bodies, Body, id=wanted.document_id, versions=versions)
    before = {each.version: each.body for each in bodies}
    return article, await correcting.instead(quotes, article, before, embedder)


async def _article(tx: Tx, document_id: DocumentId) -> Article:
    found = await tx.maybe(Q.article, ArticleRow, id=document_id)
    if found is None:
        raise NotFound("There is no such document.")
    there = await tx.all(Q.article_passages, Passage, id=document_id, version=found.version) if found.version else []
    return Article(found.id, found.title, found.version, found.body or "", tuple(there))


async def _rows(tx: Tx, wanted: Wanted, article: Article, changes: Changes) -> list[dict[str, Any]]:
    """The answers that are meant, each with its correction."""
    rows: list[dict[str, Any]] = []
    place: dict[str, Any] = {"after": None, "after_id": None}
    while found := await tx.all(Q.affected, Affected, most=AT_ONCE, **wanted.filters, **place):
        rows += [_row(answer, article, changes) for answer in found if _is_meant(answer, wanted, article, changes)]
        place = {"after": found[-1].said_at, "after_id": found[-1].message_id}
    return rows


async def _open(tx: Tx, wanted: Wanted, rows: Sequence[dict[str, Any]], reason: str, author: str) -> UUID:
    """The recall with its answers; one that nobody was told has nothing left to do."""
    recall_id = (
        await tx.one(
            Q.open_recall,
            Recalled,
            id=ids.new(),
            document_id=wanted.document_id,
            version=wanted.version,
            passage_id=wanted.passage_id,
            by_version=wanted.by_version,
            trigger="person" if wanted.by_version is None else "change",
            reason=reason,
            status="open" if rows else "closed",
            created_by=author,
        )
    ).id
    for begin in range(0, len(rows), AT_ONCE):
        await tx.many(Q.add_item, [{"recall_id": recall_id, **row} for row in rows[begin : begin + AT_ONCE]])
    return recall_id


def _is_meant(answer: Affected, wanted: Wanted, article: Article, changes: Changes) -> bool:
    """A person means them all; a change those that quote what is gone, as far as it has not been dealt with.

    A sentence was dealt with when its answer was corrected or let be before; what was let be counts anew once the sentence
    that stood there instead is gone too. (A correction that was sent is an answer itself, see `sending`.)
    """
    if wanted.by_version is None:
        return True
    gone = {each.said for quote in answer.quotes for each in _changed(quote, changes)}
    if answer.settled is None:
        return bool(gone)
    before = [each for quote in answer.settled["quotes"] for each in quote.get("instead", ())]
    if gone - {each["said"] for each in before}:
        return True
    instead = [each["now"] for each in before if each["now"]]
    return (
        bool(gone)
        and answer.settled["status"] == "dismissed"
        and any(wording.lost(now, article.body) for now in instead)
    )


def _row(answer: Affected, article: Article, changes: Changes) -> dict[str, Any]:
    return {
        "message_id": answer.message_id,
        "conversation_id": answer.conversation_id,
        "customer_id": answer.customer_id,
        "said_at": answer.said_at,
        "said": answer.said,
        **_drafted(answer.said_at, answer.said, answer.quotes, article, changes),
    }


async def _draft_anew(tx: Tx, article: Article, changes: Changes) -> None:
    """What waits was drafted for another version: the article says something else now, or again what was quoted."""
    stale = await tx.all(Q.open_items, OpenItem, document_id=article.id, version=article.version, most=10_000)
    for item in stale:
        known = [quote for quote in item.quotes if _quote(quote) in changes]
        holds_again = item.trigger == "change" and known and not any(_changed(quote, changes) for quote in known)
        one = {"recall_id": item.recall_id, "message_id": item.message_id}
        if holds_again:
            await tx.run(Q.settle_item, status="dismissed", sent_id=None, done_by="the article says so again", **one)
        else:
            tx.later(Q.redraft, **one, **_drafted(item.said_at, item.said, item.quotes, article, changes))
    for recall_id in {item.recall_id for item in stale}:
        await tx.run(Q.close_done, id=recall_id)


def _drafted(
    said_at: datetime, said: str, quotes: Sequence[dict[str, Any]], article: Article, changes: Changes
) -> dict[str, Any]:
    changed = [each for quote in quotes for each in _changed(quote, changes)]
    kept = [{**quote, "instead": [_shown(each) for each in _changed(quote, changes)]} for quote in quotes]
    correction = correcting.draft(said_at, said, [quote["quote"] for quote in quotes], changed, article)
    return {"quotes": Jsonb(kept), "correction": correction, "drafted_for": article.version}


def _quote(quote: dict[str, Any]) -> Quote:
    return Quote(quote["version"], quote["quote"])


def _changed(quote: dict[str, Any], changes: Changes) -> tuple[Instead, ...]:
    return changes.get(_quote(quote), ())


def _shown(each: Instead) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(each).items()}


def _reason(article: Article, changes: Changes) -> str:
    gone = next(each.said for changed in changes.values() for each in changed)
    return f"Version {article.version} no longer says: “{correcting.shortened(gone)}”"
