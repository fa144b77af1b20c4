"""What every request passes: a request id, a cap on its body, and the headers that keep browsers safe."""

import secrets
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tandem.errors import TooLarge
from tandem.web import problems

MB = 1024 * 1024
UPLOAD_BYTES = 26 * MB
ARTICLE_BYTES = 9 * MB
OTHER_BYTES = MB

SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


class BodyTooLarge(TooLarge):
    """The request has more bytes than this address takes."""

    code, title = "too_large", "The request is too large"


class _Overflow(HTTPException):
    """The body went over its cap while it was being read. The framework passes on this kind of error alone."""

    def __init__(self) -> None:
        super().__init__(413)


class Edge:
    """Pure ASGI, so that streams stay streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["tandem.request_id"] = request_id = "req_" + secrets.token_hex(8)
        cap = _cap(scope)
        started = False

        async def safe_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(message, request_id)
            await send(message)

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = BodyTooLarge(f"The request is larger than {cap // MB} MB.")
        if declared.isdigit() and int(declared) > cap:
            await problems.response(too_large, request_id)(scope, receive, safe_send)
            return
        read = 0

        async def capped_receive() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > cap:
                raise _Overflow
            return message

        try:
            await self._app(scope, capped_receive, safe_send)
        except _Overflow:
            if not started:
                await problems.response(too_large, request_id)(scope, receive, safe_send)


def _cap(scope: MutableMapping[str, Any]) -> int:
    path = scope["path"]
    if path.startswith("/v1/kb/documents"):
        content_type = dict(scope["headers"]).get(b"content-type", b"")
        return UPLOAD_BYTES if content_type.startswith(b"multipart/") else ARTICLE_BYTES
    return OTHER_BYTES


def _add_headers(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["x-request-id"] = request_id
    if message["status"] == 413:
        headers["connection"] = "close"  # or the server would go on taking in what nobody wants
    for name, value in SAFE.items():
        headers.setdefault(name, value)
    headers.setdefault("content-security-policy", API_POLICY)
    headers.setdefault("cache-control", "no-store")
