"""One of each thing that turns teach, put into acme's tables: for asking who may reach it."""

import functools
from uuid import UUID

import psycopg

from tandem import ids
from tests.web.site import Conversation, Site

PREFIXES = {"gaps": "gap", "recalls": "rcl", "resolutions": "rsn", "disagreements": "dis"}

MADE = """
with d as (select tenant_id, id from documents where id = %(document)s),
g as (insert into gaps (tenant_id, id, question, centroid, model, first_asked_at, last_asked_at)
    select tenant_id, %(gaps)s, 'Why?', '', 'none', now(), now() from d),
s as (insert into resolutions (tenant_id, id, ticket_id, question, answer)
    select tenant_id, %(resolutions)s, %(ticket)s, 'Why?', 'Because.' from d),
p as (insert into disagreements (tenant_id, id, kind, document_id, version, quote, other_document_id, other_version, other_quote, likeness)
    select tenant_id, %(disagreements)s, 'conflict', id, 1, 'a', id, 1, 'b', 1 from d),
r as (insert into recalls (tenant_id, id, document_id, trigger, reason, created_by)
    select tenant_id, %(recalls)s, id, 'person', 'Wrong.', 'Ann' from d returning tenant_id, id)
insert into recall_items (tenant_id, recall_id, message_id, conversation_id, customer_id, said_at, said, correction)
select r.tenant_id, r.id, m.id, m.conversation_id, c.customer_id, now(), 'Yes.', 'No.' from r join messages m on m.id = %(message)s
join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
"""


def address(site: Site, path: str, said: Conversation) -> str:
    """The path with the ids of acme's in it; `said` is a conversation of acme's."""
    kind = path.removeprefix("/v1/kb/").partition("/")[0]
    made = _made(site, said.message_id, said.ticket_id)
    return path.replace("{id}", ids.show(PREFIXES[kind], made[kind])).replace("{message_id}", said.message_id)


@functools.cache
def _made(site: Site, message_id: str, ticket_id: str) -> dict[str, UUID]:
    document = site.post(site.cast.acme, "/v1/kb/documents", {"title": "A", "body": "B."}).json()["id"]
    made = {name: ids.new() for name in PREFIXES}
    given = {"document": document, "message": message_id, "ticket": ticket_id}
    with psycopg.connect(site.place.superuser) as owner:
        owner.execute(MADE, made | {name: ids.read(id.partition("_")[0], id) for name, id in given.items()})
    return made
