"""Alive, ready, and in which mode."""

from fastapi import APIRouter
from starlette.responses import Response

from tandem import __version__
from tandem.db.queries import Query
from tandem.errors import Problem
from tandem.llm import Role
from tandem.web.doors import Public
from tandem.web.json import JSON
from tandem.web.parts import P

router = APIRouter()

ALIVE = Query("alive", None, "Whether the database answers.", b"select 1")


@router.get("/healthz")
async def healthz(_: Public, parts: P) -> Response:
    """Alive, and the mode of the installation: `full`, or `quotation-only` while no model for answers is up. A tenant's own mode
    may be less."""
    names = parts.asked.names(Role.DRAFT)
    shown = {
        "status": "ok",
        "mode": parts.desk.tools.accounts.installed().mode,
        "version": __version__,
        "model": names[0] if names else None,
        "models": [{"name": each.name, "state": each.state} for each in parts.asked.states()],
    }
    return JSON(shown)


@router.get("/readyz")
async def readyz(_: Public, parts: P) -> Response:
    """Ready to serve: the database answers."""
    try:
        async with parts.db.nobody() as tx:
            await tx.all(ALIVE, int)
    except Problem:
        return JSON({"status": "unavailable", "database": "does not answer"}, 503)
    return JSON({"status": "ready"})
