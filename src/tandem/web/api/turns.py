"""Why the assistant said that."""

from fastapi import APIRouter
from starlette.responses import Response

from tandem import ids
from tandem.conversations import turns
from tandem.errors import Malformed
from tandem.tenants import spending
from tandem.web.doors import Viewer
from tandem.web.json import JSON
from tandem.web.parts import P

router = APIRouter(prefix="/v1")


@router.get("/turns/{id}")
async def turn(caller: Viewer, id: str, parts: P) -> Response:
    """The record of a turn, by its id or the id of either message of it, and which models were asked for it."""
    prefix = id.partition("_")[0]
    if prefix not in ("trn", "msg"):
        raise Malformed(
            "id is not a turn's or a message's.", errors=[{"field": "id", "message": "must look like trn_… or msg_…"}]
        )
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await turns.get(tx, ids.read(prefix, id))
        calls = await spending.of_turn(tx, found.conversation_id, found.id)
    finished = found.finished_at
    shown = {
        "id": ids.show("trn", found.id),
        "conversation_id": ids.show("cnv", found.conversation_id),
        "ticket_id": ids.show("tkt", found.ticket_id),
        "message_id": ids.show("msg", found.message_id),
        "reply_id": ids.show("msg", found.reply_id),
        "status": found.status,
        "attempt": found.attempt,
        "created_at": found.created_at,
        "finished_at": finished,
        "latency_ms": round((finished - found.created_at).total_seconds() * 1000) if finished else None,
        "record": found.record,
        "calls": [call.as_json() for call in calls],
    }
    return JSON(shown)
