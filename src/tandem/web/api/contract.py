"""The contract: every route in OpenAPI, for whoever writes a client."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from tandem.web.doors import Public
from tandem.web.json import JSON

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(_: Public, request: Request) -> Response:
    """The document, made from the routes themselves."""
    return JSON(request.app.openapi())
