"""The check of a history: what the diaries say was promised, against what the database has kept.

Reads everything as a superuser, at rest, and decides without touching anything. Each finding is one sentence that
names the ids; an empty list is the proof. Knows nothing about who was killed when.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.rows import dict_row

from tandem import ids
from tests.crash.reading import Heard
from tests.crash.writing import Diary, Sent

Row = Mapping[str, Any]

ASSISTANT_ONLY = {"delta", "cited_sources"}
"""Events that only a turn with the floor may leave."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as the database has it."""

    seq: int
    kind: str
    for_staff: bool
    data: dict[str, Any]
    at: datetime


@dataclass(slots=True)
class Kept:
    """Everything the database has kept of one tenant."""

    conversations: Sequence[Row]
    messages: Sequence[Row]
    turns: Sequence[Row]
    events: dict[str, list[Stored]] = field(default_factory=dict)
    documents: Sequence[Row] = field(default_factory=list)
    passages: Sequence[Row] = field(default_factory=list)
    known_passages: int = 0
    open_jobs: Sequence[Row] = field(default_factory=list)


def read(superuser_url: str, tenant_id: str) -> Kept:
    """The tenant's rows."""
    tenant = ids.read("tnt", tenant_id)
    with psycopg.connect(superuser_url, row_factory=dict_row) as connection:

        def rows(query: str) -> list[dict[str, Any]]:
            return connection.execute(query.encode(), {"tenant": tenant}).fetchall()

        kept = Kept(
            conversations=rows("select * from conversations where tenant_id = %(tenant)s"),
            messages=rows("select * from messages where tenant_id = %(tenant)s order by created_at, id"),
            turns=rows(
                "select id, conversation_id, message_id, reply_id, status, attempt, holder from turns where tenant_id = %(tenant)s"
            ),
            documents=rows("select * from documents where tenant_id = %(tenant)s and deleted_at is null"),
            passages=rows(
                "select document_id, version, ordinal, text, live from passages where tenant_id = %(tenant)s order by document_id, ordinal"
            ),
            open_jobs=rows(
                "select j.id, j.kind, j.status from jobs j where j.tenant_id = %(tenant)s and j.status <> 'done'"
                " union all select null, p.task_name, p.status::text from procrastinate_jobs p"
                " where p.args->>'tenant_id' = %(tenant)s::text and p.status::text not in ('succeeded')"
            ),
        )
        for row in rows("select passages from knowledge_states where tenant_id = %(tenant)s"):
            kept.known_passages = row["passages"]
        for row in rows(
            "select conversation_id, seq, kind, for_staff, data, created_at from events where tenant_id = %(tenant)s order by seq"
        ):
            stored = Stored(row["seq"], row["kind"], row["for_staff"], row["data"], row["created_at"])
            kept.events.setdefault(ids.show("cnv", row["conversation_id"]), []).append(stored)
    return kept


def findings(kept: Kept, diary: Diary) -> list[str]:
    """Everything that is wrong, or nothing."""
    return [
        *_lost_or_doubled(kept, diary),
        *_unanswered(kept, diary),
        *_answered_twice(kept),
        *_spoken_out_of_turn(kept),
        *_numbers(kept),
        *_streams(kept, diary.heard),
        *_articles(kept, diary.articles),
    ]


def unsettled(kept: Kept, diary: Diary) -> list[str]:
    """What time may still mend: messages not yet answered, articles not yet read."""
    return [*_unanswered(kept, diary), *_articles(kept, diary.articles)]


def answer_times(kept: Kept) -> list[float]:
    """Seconds from each customer's message to what answered it, by the database's clock."""
    times = []
    for events in kept.events.values():
        waiting: dict[str, datetime] = {}
        for event in events:
            if event.kind == "accepted":
                waiting[event.data["message_id"]] = event.at
            elif event.kind == "done" and any(answered in waiting for answered in event.data["answers"]):
                times += [(event.at - at).total_seconds() for at in waiting.values()]
                waiting.clear()
    return sorted(times)


# --- messages ---


def _lost_or_doubled(kept: Kept, diary: Diary) -> Iterator[str]:
    said = [m for m in kept.messages if m["role"] == "user"]
    by_text = Counter(m["text"] for m in said)
    known = {sent.text for sent in diary.sent}
    for sent in diary.acknowledged:
        if by_text[sent.text] == 0:
            yield f"lost: {sent.text!r} was acknowledged in {sent.conversation_id} and is not there"
    yield from (f"doubled: {text!r} is there {times} times" for text, times in by_text.items() if times > 1)
    yield from (f"invented: nobody wrote {text!r}" for text in by_text if text not in known)
    replies = Counter(m["client_message_id"] for m in kept.messages if m["role"] == "agent")
    yield from (
        f"lost: the agent's reply {key} ({replies[key]} times there)" for key in diary.replies if replies[key] != 1
    )
    spoken_in = {m["conversation_id"] for m in said}
    empty = [c["id"] for c in kept.conversations if c["id"] not in spoken_in]
    yield from (
        f"doubled: conversation {ids.show('cnv', cid)} was opened and nothing was written in it" for cid in empty
    )


def _unanswered(kept: Kept, diary: Diary) -> Iterator[str]:
    """An acknowledged message is covered by a `done` that names it, or by one that names a later message."""
    covered = set[str]()
    for events in kept.events.values():
        waiting = list[str]()
        for event in events:
            if event.kind == "accepted":
                waiting.append(event.data["message_id"])
            elif event.kind == "done" and set(event.data["answers"]) & set(waiting):
                upto = max(waiting.index(answered) for answered in event.data["answers"] if answered in waiting)
                covered.update(waiting[: upto + 1])
                del waiting[: upto + 1]
    for sent in diary.acknowledged:
        if sent.message_id not in covered:
            turns = [t for t in kept.turns if ids.show("msg", t["message_id"]) == sent.message_id]
            states = ", ".join(f"{t['status']} at attempt {t['attempt']} of {t['holder']}" for t in turns) or "no turn"
            yield f"unanswered: {sent.text!r} in {sent.conversation_id} ({states})"
    yield from (
        f"unfinished: turn {t['id']} is {t['status']}" for t in kept.turns if t["status"] in ("waiting", "thinking")
    )


def _answered_twice(kept: Kept) -> Iterator[str]:
    replies = Counter(m["turn_id"] for m in kept.messages if m["role"] == "assistant" and m["turn_id"])
    yield from (f"doubled: turn {turn} has {times} replies" for turn, times in replies.items() if times > 1)
    status = {t["id"]: t["status"] for t in kept.turns}
    yield from (
        f"doubled: turn {turn} was superseded and has a reply" for turn in replies if status.get(turn) == "superseded"
    )
    for conversation_id, events in kept.events.items():
        done = defaultdict[str, list[str]](list)
        for event in events:
            for answered in event.data["answers"] if event.kind == "done" else ():
                done[answered].append(f"{event.data['resolution_state']} by {event.seq}")
        yield from (
            f"doubled: {message} in {conversation_id} was answered {len(ends)} times ({', '.join(ends)})"
            for message, ends in done.items()
            if len(ends) > 1
        )


# --- events ---


def _spoken_out_of_turn(kept: Kept) -> Iterator[str]:
    """Nothing of a turn after its end; nothing of the assistant while a person has the conversation; the text is the message."""
    for conversation_id, events in kept.events.items():
        over, texts, with_person = set[str](), defaultdict[str, str](str), False
        for event in events:
            turn = event.data.get("turn_id")
            if event.kind in ("joined", "handed_back", "resolved"):
                with_person = event.kind == "joined"
            if event.kind in ASSISTANT_ONLY and with_person:
                yield f"out of turn: {event.kind} {event.seq} in {conversation_id} after a person had taken over"
            if event.kind in (*ASSISTANT_ONLY, "done") and turn and turn in over:
                yield f"out of turn: {event.kind} {event.seq} in {conversation_id} of turn {turn}, which was over"
            if event.kind == "delta":
                texts[turn or ""] += event.data["text"]
            if event.kind == "restarted":
                texts.pop(turn or "", None)
            if event.kind == "done" and turn:
                over.add(turn)
                message = event.data["message"]
                if message and texts.get(turn) and message["text"] != texts[turn]:
                    yield f"changed: {message['id']} in {conversation_id} is not what was streamed before"


def _numbers(kept: Kept) -> Iterator[str]:
    last = {ids.show("cnv", c["id"]): c["last_seq"] for c in kept.conversations}
    for conversation_id, until in last.items():
        numbers = [event.seq for event in kept.events.get(conversation_id, [])]
        if numbers != list(range(1, until + 1)):
            yield f"gap: the events of {conversation_id} are {numbers} and the last should be {until}"


def _streams(kept: Kept, heard: Sequence[Heard]) -> Iterator[str]:
    """Each connection brought exactly the stored events after the number it began at, up to where it broke."""
    for connection in heard:
        if not connection.frames or connection.after is None or connection.conversation_id is None:
            continue
        until = connection.frames[-1].seq or 0
        stored = [
            e
            for e in kept.events.get(connection.conversation_id, [])
            if connection.after < e.seq <= until and not e.for_staff
        ]
        shown = {frame.seq: (frame.kind, frame.data) for frame in connection.frames}
        where = f"of {connection.conversation_id} after {connection.after}"
        if [frame.seq for frame in connection.frames] != [event.seq for event in stored]:
            yield f"unlike: a stream {where} showed {list(shown)} of {[event.seq for event in stored]}"
        for event in stored:
            kind, data = shown.get(event.seq, (event.kind, event.data))
            if kind != event.kind or _canonical(data) != _canonical(event.data):
                other = sorted(name for name in {*data, *event.data} if data.get(name) != event.data.get(name))
                yield f"unlike: a stream {where} showed {event.kind} {event.seq} with other {', '.join(other)}"


def _canonical(data: Any) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


# --- articles ---


def _articles(kept: Kept, articles: Mapping[str, str]) -> Iterator[str]:
    documents = defaultdict[str, list[Row]](list)
    for document in kept.documents:
        documents[document["external_id"]].append(document)
    passages = defaultdict[UUID, list[Row]](list)
    for passage in kept.passages:
        passages[passage["document_id"]].append(passage)
    for external_id in articles:
        found = documents[external_id]
        if len(found) != 1:
            yield f"article {external_id} is there {len(found)} times"
            continue
        yield from _article(external_id, found[0], passages[found[0]["id"]])
    total = sum(passage["live"] for passage in kept.passages)
    if total != kept.known_passages:
        yield f"the tenant has {total} passages that answer and {kept.known_passages} are counted"
    yield from (f"job {job['kind']} is {job['status']}" for job in kept.open_jobs)


def _article(external_id: str, document: Row, passages: Sequence[Row]) -> Iterator[str]:
    if document["status"] != "ready" or document["live_version"] != document["version"]:
        yield f"article {external_id} is {document['status']}: {document['error']}"
        return
    ordinals = [passage["ordinal"] for passage in passages]
    if ordinals != list(range(len(passages))) or not passages:
        yield f"article {external_id} has the passages {ordinals}"
    elif document["passages"] != len(passages) or not all(
        p["live"] and p["version"] == document["version"] for p in passages
    ):
        yield f"article {external_id} has {len(passages)} passages, not all of them live, and counts {document['passages']}"


def covered_since(sent: Sent, kept: Kept) -> bool:
    """Whether a message has its answer by now."""
    return not any(sent.text in finding for finding in _unanswered(kept, Diary(sent=[sent])))
