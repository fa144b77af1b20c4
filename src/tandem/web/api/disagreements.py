"""Articles that say the same twice, or different things about the same."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from tandem import ids
from tandem.ids import DocumentId
from tandem.learning import disagreements
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Nothing, Text
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb/disagreements", route_class=OnceRoute)


@router.get("")
async def list_disagreements(
    caller: KbReader,
    parts: P,
    document_id: Text | None = None,
    status: Annotated[str | None, Query(pattern="^(open|dismissed)$")] = None,
) -> Response:
    """Of one document, or of all; open ones first."""
    wanted = DocumentId(ids.read("doc", document_id, "document_id")) if document_id else None
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await disagreements.page(tx, wanted, status)
    return JSON({"items": [each.as_json() for each in found]})


@router.post("/{id}/dismiss", status_code=204)
async def dismiss(caller: KbWriter, id: str, parts: P, body: Nothing | None = None) -> Response:
    """The two get along, until one of the texts changes."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await disagreements.dismiss(tx, ids.read("dis", id))
    return Response(status_code=204)
