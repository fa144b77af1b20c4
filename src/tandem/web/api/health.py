"""Alive, ready, and in which mode."""

from fastapi import APIRouter
from starlette.responses import Response

from tandem import __version__
from tandem.db.queries import Query
from tandem.errors import Problem
from tandem.web.doors import Public
from tandem.web.json import JSON
from tandem.web.parts import P

router = APIRouter()

ALIVE = Query("alive", None, "Whether the database answers.", b"select 1")


@router.get("/healthz")
async def healthz(_: Public, parts: P) -> Response:
    """Alive; `mode` is `full` with a model and `retrieval-only` (exact quotation) without."""
    return JSON(
        {
            "status": "ok",
            "mode": "full" if parts.model_name else "retrieval-only",
            "version": __version__,
            "model": parts.model_name,
        }
    )


@router.get("/readyz")
async def readyz(_: Public, parts: P) -> Response:
    """Ready to serve: the database answers."""
    try:
        async with parts.db.nobody() as tx:
            await tx.all(ALIVE, int)
    except Problem:
        return JSON({"status": "unavailable", "database": "does not answer"}, 503)
    return JSON({"status": "ready"})
