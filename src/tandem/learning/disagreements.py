"""Articles that disagree: after a version went live, its passages are compared with the nearest ones of other documents.

Two sentences that say different things about the same are a conflict, two passages that say the same a duplicate. A pair stands
once, whichever of its documents was looked at; one that was dismissed stays so while both texts stay, and a pair of which one
text is gone goes. Knows nothing about the rules that tell (`likeness`).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.db import Database, Queries, Tx
from tandem.embedding import Embedder
from tandem.errors import NotFound
from tandem.ids import DocumentId, TenantId
from tandem.knowledge import search
from tandem.learning import likeness, marks, wording

Q = Queries("tandem.learning")

READER = "disagreements"

AT_ONCE = 50
ROUND_S = 10.0
"""Documents looked at in one round of one tenant, and how long that may take: an import of thousands is looked through in many."""

PASSAGES_MOST = 300
SENTENCES_MOST = 300
"""Of a longer document so many passages and sentences are compared."""

NEIGHBOURS = 5
NEAR = 0.5
"""For each passage, and each sentence, so many passages of others are read, from this cosine on."""

EXACT_BELOW = 5000
"""A tenant with fewer passages is looked through whole, as the search does."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the database."""

    value: str


@dataclass(frozen=True, slots=True)
class Own:
    """A passage of the document that is looked at."""

    heading: str
    text: str
    vector: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage of another document that is near to the vector of this place, from 1."""

    place: int
    cosine: float
    document_id: DocumentId
    version: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """A text of the document that is looked at, a passage or a sentence, and a passage of another one near it."""

    text: str
    is_whole: bool
    other: Neighbour


@dataclass(frozen=True, slots=True)
class Pair:
    """What was found: of a document, and of another one."""

    kind: str
    quote: str
    other_id: DocumentId
    other_version: int
    other_quote: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two texts of two documents. `kind` is `conflict` or `duplicate`, `likeness` their cosine."""

    id: UUID
    kind: str
    document_id: DocumentId
    title: str
    version: int
    quote: str
    other_document_id: DocumentId
    other_title: str
    other_version: int
    other_quote: str
    likeness: float
    status: str
    found_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": ids.show("dis", self.id),
            "kind": self.kind,
            "document": {"id": ids.show("doc", self.document_id), "title": self.title},
            "version": self.version,
            "quote": self.quote,
            "other": {"id": ids.show("doc", self.other_document_id), "title": self.other_title},
            "other_version": self.other_version,
            "other_quote": self.other_quote,
            "likeness": round(self.likeness, 4),
            "status": self.status,
            "found_at": self.found_at,
        }


async def page(tx: Tx, document_id: DocumentId | None, status: str | None) -> list[Disagreement]:
    """Open ones first, and conflicts before duplicates; 500 at most."""
    return await tx.all(Q.disagreements, Disagreement, document_id=document_id, status=status)


async def dismiss(tx: Tx, disagreement_id: UUID) -> None:
    """The two get along, until one of the texts changes. Raises NotFound."""
    if not await tx.run(Q.dismiss_disagreement, id=disagreement_id):
        raise NotFound("There is no such disagreement.")


async def find(db: Database, embedder: Embedder, tenant_id: TenantId) -> int:
    """Look at every document that answers otherwise than when it was looked at last; how many were."""
    until = time.monotonic() + ROUND_S
    async with db.tenant(tenant_id) as tx:
        state = await marks.unread_state(tx, READER)
        if state is None:
            return 0
        changed = await marks.changed(tx, READER, settled_s=0, most=AT_ONCE)
    for count, document in enumerate(changed):
        if time.monotonic() > until:
            return count
        await _look(db, embedder, tenant_id, document)
    if len(changed) < AT_ONCE:
        async with db.tenant(tenant_id) as tx:
            await marks.read_state(tx, READER, state)
    return len(changed)


async def _look(db: Database, embedder: Embedder, tenant_id: TenantId, document: marks.Changed) -> None:
    near = await _near(db, embedder, tenant_id, document.id) if document.live_version is not None else []
    pairs = [*_duplicates(near), *await _conflicts(near, embedder)]
    async with db.tenant(tenant_id) as tx:
        for pair in pairs:
            tx.later(Q.add_disagreement, **_columns(document.id, document.live_version, pair))
        await tx.run(Q.drop_outdated, id=document.id)
        await marks.read_document(tx, READER, document.id, document.live_version)


async def _near(db: Database, embedder: Embedder, tenant_id: TenantId, document_id: DocumentId) -> list[Near]:
    """Passages of others near to a passage, or to a sentence: what disagrees may stand among other things.

    Sentences are looked for where the shipped model answers; another one's vectors cannot be compared with its.
    """
    async with db.tenant(tenant_id) as tx:
        state = await search.state(tx)
        own = await tx.all(Q.own_passages, Own, id=document_id, generation=state.generation, most=PASSAGES_MOST)
    texts = [(passage.text, passage.heading, True) for passage in own]
    vectors = [passage.vector for passage in own]
    if state.model == embedder.model_name:
        sentences = [(s, passage.heading, False) for passage in own for s in wording.statements(passage.text)]
        texts += sentences[:SENTENCES_MOST]
        meant = await embedder.embed_passages([s for s, _, _ in sentences[:SENTENCES_MOST]])
        vectors += [search.as_text(vector) for vector in meant]
    wanted = {"id": document_id, "generation": state.generation, "each": NEIGHBOURS, "least": NEAR}
    async with db.tenant(tenant_id) as tx:
        await tx.one(Q.scan, Setting)
        exact = state.passages < EXACT_BELOW
        found = await tx.all(Q.neighbours if exact else Q.neighbours_by_index, Neighbour, vectors=vectors, **wanted)
    return [
        Near(text, is_whole, each)
        for each in found
        for text, heading, is_whole in [texts[each.place - 1]]
        if likeness.about_the_same(heading, each.heading)
    ]


def _duplicates(near: Sequence[Near]) -> list[Pair]:
    """Of each other document the passage that is most alike: a copied article is one finding and not twenty."""
    best: dict[DocumentId, Pair] = {}
    for each in near:
        other, known = each.other, best.get(each.other.document_id)
        is_better = known is None or other.cosine > known.likeness
        if each.is_whole and is_better and likeness.says_twice(each.text, other.text, other.cosine):
            pair = Pair("duplicate", each.text, other.document_id, other.version, other.text, other.cosine)
            best[other.document_id] = pair
    return list(best.values())


async def _conflicts(near: Sequence[Near], embedder: Embedder) -> list[Pair]:
    """The words are compared first; only what they leave in doubt is embedded."""
    doubtful: dict[tuple[str, DocumentId, str], tuple[int, float]] = {}
    for each in near:
        for sentence in wording.statements(each.text):
            for other in wording.statements(each.other.text):
                needed = likeness.needed(sentence, other)
                if needed is not None:
                    doubtful[sentence, each.other.document_id, other] = each.other.version, needed
    texts = tuple(dict.fromkeys(text for sentence, _, other in doubtful for text in (sentence, other)))
    vectors = dict(zip(texts, await embedder.embed_passages(texts), strict=True))
    found = []
    for (sentence, other_id, other), (version, needed) in doubtful.items():
        cosine = float(vectors[sentence] @ vectors[other])
        if cosine >= needed:
            found.append(Pair("conflict", sentence, other_id, version, other, cosine))
    return found


def _columns(document_id: DocumentId, version: int | None, pair: Pair) -> dict[str, Any]:
    """A pair as it is kept: the older document's side first, whichever was looked at."""
    mine, other = (document_id, version, pair.quote), (pair.other_id, pair.other_version, pair.other_quote)
    first, second = (mine, other) if document_id < pair.other_id else (other, mine)
    return {
        "id": ids.new(),
        "kind": pair.kind,
        "document_id": first[0],
        "version": first[1],
        "quote": first[2],
        "other_document_id": second[0],
        "other_version": second[1],
        "other_quote": second[2],
        "likeness": pair.likeness,
    }
