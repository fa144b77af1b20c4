"""A draft article made of a gap: what was asked, what people answered there, and what the knowledge says nearby.

It lies in a draft release, so that it answers nobody before an admin has edited and published it. Only what everybody may
read is copied into it, and no personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tandem import ids
from tandem.db import Queries, Tx
from tandem.errors import Conflict
from tandem.ids import DocumentId
from tandem.jobs import Queue
from tandem.knowledge import documents, releases
from tandem.knowledge.documents import Labels, Origin, Written
from tandem.knowledge.reading import Format
from tandem.learning import gaps
from tandem.learning.gaps import Status
from tandem.learning.neutral import neutral

Q = Queries("tandem.learning")

SOURCE = "gaps"
"""What the documents' source is called."""

TITLE_CHARS = 200
PLACEHOLDER = "Write the answer here."


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person answered a customer."""

    text: str
    name: str | None
    email: str | None
    contact_email: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer asked."""

    text: str
    name: str | None
    email: str | None
    contact_email: str | None


@dataclass(frozen=True, slots=True)
class Nearby:
    """A passage that everybody may read."""

    id: UUID
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft, and the release that it lies in."""

    document_id: DocumentId
    release_id: UUID


async def draft(
    tx: Tx, queue: Queue, gap_id: UUID, author: str, *, release_id: UUID | None = None, title: str | None = None
) -> Drafted:
    """An article to be edited, in this draft release or a new one.

    Raises NotFound, Conflict when the gap is not open, and what `documents.save` raises of a release that is no draft.
    """
    if (await gaps.locked(tx, gap_id)).status is not Status.OPEN:
        raise Conflict("Only of an open gap a draft can be made. Reopen it first.")
    gap = await gaps.get(tx, gap_id)
    asked = [_neutral(each) for each in await tx.all(Q.asked_by, Asked, gap_id=gap_id)]
    replies = [_neutral(each) for each in reversed(await tx.all(Q.replies_in, Reply, gap_id=gap_id))]
    near = [ids.read("psg", passage["passage_id"]) for passage in gap.nearest]
    nearby = await tx.all(Q.quotable, Nearby, ids=near)
    title = title or " ".join(neutral(gap.question).split())[:TITLE_CHARS]
    if release_id is None:
        release_id = (await releases.create(tx, f"Gap: {title}"[:TITLE_CHARS], author)).id
    text = body(title, asked, replies, nearby)
    origin = Origin(source=SOURCE, author=author, release_id=release_id)
    saved = await documents.save(tx, queue, Labels(title), Written(Format.MARKDOWN, text), origin)
    await tx.run(Q.set_gap, id=gap_id, status=Status.DRAFTED, document_id=saved.id)
    return Drafted(saved.id, release_id)


def body(title: str, asked: Sequence[str], replies: Sequence[str], nearby: Sequence[Nearby]) -> str:
    """The article in Markdown: the answers given, else a place for one; then the questions and the nearest passages."""
    parts = [f"# {title}", *(replies or [PLACEHOLDER])]
    parts += ["## What customers asked", "\n".join(f"- {' '.join(question.split())}" for question in asked)]
    if nearby:
        parts.append("## What other articles say")
        parts += [f"From “{passage.title}”:\n\n{_quoted(passage.text)}" for passage in nearby]
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _neutral(said: Reply | Asked) -> str:
    return neutral(said.text.strip(), [said.name], [said.email, said.contact_email])


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line.strip() else ">" for line in text.strip().splitlines())
