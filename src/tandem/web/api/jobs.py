"""How work that a request promised is going."""

from fastapi import APIRouter
from starlette.responses import Response

from tandem import ids, jobs
from tandem.web.doors import KbReader
from tandem.web.json import JSON
from tandem.web.parts import P

router = APIRouter(prefix="/v1")


@router.get("/jobs/{id}")
async def job(caller: KbReader, id: str, parts: P) -> Response:
    """Queued, running, done or failed; how far; what came of it."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await jobs.get(tx, ids.read("job", id))
    shown = {
        "id": id,
        "kind": found.kind,
        "status": found.status,
        "progress": found.progress,
        "result": found.result,
        "error": found.error,
    }
    return JSON(shown)
