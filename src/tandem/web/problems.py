"""Errors as application/problem+json (RFC 9457): one shape, a stable code, a sentence for a person, never a stack trace."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tandem.errors import Malformed, NotFound, Problem
from tandem.web.json import JSON

log = logging.getLogger(__name__)

TITLES = {
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "This method is not allowed here"),
    413: ("too_large", "Too large"),
}


def body(problem: Problem, request_id: str) -> dict[str, Any]:
    """The problem as the API shows it."""
    return {
        "type": f"https://tandem.example/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
        **problem.extra,
    }


def response(problem: Problem, request_id: str) -> Response:
    """The problem as an answer."""
    headers = {}
    if "retry_after" in problem.extra:
        headers["Retry-After"] = str(max(1, round(problem.extra["retry_after"] + 0.5)))
    return JSON(body(problem, request_id), problem.status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Give every error of this app the one shape."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def request_id(request: Request) -> str:
    """What the customer can quote and the operator can find."""
    return str(request.scope.get("tandem.request_id", "-"))


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    if problem.status >= 500:
        log.warning("problem %s", problem.code, extra={"request_id": request_id(request), "path": request.url.path})
    return response(problem, request_id(request))


async def _malformed(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    errors = [{"field": _field(error), "message": _message(error)} for error in problem.errors()]
    sentence = "; ".join(f"{error['field']}: {error['message']}" for error in errors[:5])
    return response(Malformed(f"The request is malformed: {sentence}", errors=errors), request_id(request))


async def _http(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if problem.status_code == 400:  # the framework could not read the body
        return response(
            Malformed("The request cannot be read.", errors=[{"field": "body", "message": str(problem.detail)}]),
            request_id(request),
        )
    code, title = TITLES.get(problem.status_code, ("http_error", str(problem.detail)))
    shown = NotFound(title)
    content = body(shown, request_id(request)) | {
        "status": problem.status_code,
        "code": code,
        "title": title,
        "type": f"https://tandem.example/problems/{code}",
    }
    return JSON(
        content, problem.status_code, headers=dict(problem.headers or {}), media_type="application/problem+json"
    )


async def _unexpected(request: Request, problem: Exception) -> Response:
    log.error("unexpected", exc_info=problem, extra={"request_id": request_id(request), "path": request.url.path})
    return response(Problem("Something went wrong on our side. Try again, or ask for a person."), request_id(request))


def _field(error: dict[str, Any]) -> str:
    where = error["loc"] if error["type"] != "json_invalid" else ()
    names = [str(part) for part in where if part not in ("body", "query", "path", "header")]
    return ".".join(names) or "body"


def _message(error: dict[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"is not JSON: {error['ctx']['error']} at character {error['loc'][-1]}"
    return str(error["msg"]).removeprefix("Value error, ")
