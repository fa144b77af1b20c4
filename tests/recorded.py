"""Traffic of weeks past, put into the tables at once: answered turns with their confidence, some drawn by lot and judged."""

from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from tandem import ids
from tandem.answering import score
from tandem.answering.score import SHIPPED
from tests.ground import Place

ADD = """
with k as (insert into customers (tenant_id, id) values (%(tenant)s, %(customer)s) returning id),
c as (insert into conversations (tenant_id, id, customer_id, channel)
    select %(tenant)s, %(conversation)s, id, 'web_chat' from k returning id),
i as (insert into tickets (tenant_id, id, conversation_id, subject)
    select %(tenant)s, %(ticket)s, id, 'Past' from c returning id, conversation_id),
m as (insert into messages (tenant_id, id, conversation_id, ticket_id, role, text)
    select %(tenant)s, n.id, i.conversation_id, i.id, 'user', 'What about it?'
    from i, unnest(%(messages)s::uuid[]) n (id) returning id, conversation_id, ticket_id)
insert into turns (tenant_id, id, conversation_id, ticket_id, message_id, reply_id, status, record, created_at, finished_at)
select %(tenant)s, t.id, m.conversation_id, m.ticket_id, m.id, gen_random_uuid(), 'done', t.record, t.at, t.at
from m join unnest(%(messages)s::uuid[], %(turns)s::uuid[], %(records)s::jsonb[], %(times)s::timestamptz[]) t (message_id, id, record, at)
on t.message_id = m.id
"""

JUDGE = """
with s as (insert into outcome_samples (tenant_id, turn_id, drawn_by)
    select %(tenant)s, n.id, 'Ann' from unnest(%(turns)s::uuid[]) n (id))
insert into outcomes (tenant_id, turn_id, is_right, author)
select %(tenant)s, n.id, n.is_right, 'Ann' from unnest(%(turns)s::uuid[], %(right)s::boolean[]) n (id, is_right)
"""


@dataclass(frozen=True, slots=True)
class Past:
    """An answer of the past: how likely it was to be right, of which category, how long ago, and what a person said of it."""

    probability: float
    right: bool | None = None
    category: str = "return_request"
    days_ago: float = 3.0
    judged: bool = True


def put(place: Place, tenant_id: UUID, past: list[Past]) -> list[UUID]:
    """The answers' turns, in order; each can be read by everything that reads turns."""
    turns = [_id_of(each.days_ago) for each in past]
    messages = [ids.new() for _ in past]
    given = {"tenant": tenant_id, "customer": ids.new(), "conversation": ids.new(), "ticket": ids.new()}
    times = [f"{each.days_ago} days" for each in past]
    with psycopg.connect(place.superuser, autocommit=True) as owner:
        now = owner.execute("select array_agg(now() - n.ago) from unnest(%s::interval[]) n (ago)", [times]).fetchone()
        assert now
        records = [Jsonb(_record(each)) for each in past]
        owner.execute(ADD, given | {"messages": messages, "turns": turns, "records": records, "times": now[0]})
        judged = [(turn, each.right) for turn, each in zip(turns, past, strict=True) if each.judged]
        rows = {"tenant": tenant_id, "turns": [turn for turn, _ in judged], "right": [right for _, right in judged]}
        owner.execute(JUDGE, rows)
        owner.execute("update conversations set status = 'closed' where id = %s", [given["conversation"]])
    return turns


def parts_for(probability: float) -> dict[str, float]:
    """Parts that make this confidence by the weights that are shipped: all through the retrieval."""
    return {"retrieval": (score.logit(probability) - SHIPPED.bias) / SHIPPED.weights["retrieval"]}


def _record(each: Past) -> dict[str, object]:
    scored = {
        "probability": each.probability,
        "parts": parts_for(each.probability),
        "category": each.category,
        "version": 0,
    }
    return {
        "asked": {"text": f"A question about {each.category.replace('_', ' ')}?"},
        "understanding": {"asserted": [each.category]},
        "reply": {"text": "You can return any item within 30 days."},
        "sentences": [],
        "citations": [{"title": "Returns", "quote": "You can return any item within 30 days."}],
        "decision": {"kind": "answer", "confidence": each.probability, "score": scored},
    }


def _id_of(days_ago: float) -> UUID:
    """An id as it would have been made then (RFC 9562: 48 bits of milliseconds lead)."""
    fresh = ids.new().int
    return UUID(int=fresh - (int(days_ago * 86_400_000) << 80))
