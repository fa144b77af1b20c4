"""The built pages and the script tag: static files from `npm run build`, with a strict content policy."""

import html
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, RedirectResponse, Response

from tandem.demo import seed
from tandem.errors import NotFound
from tandem.web.doors import Public
from tandem.web.parts import P

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parent / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; {frames}require-trusted-types-for 'script'; trusted-types default"
)
NOT_FRAMED = "frame-ancestors 'none'; "

MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem</title>
<h1>Tandem is running, its pages are not built</h1>
<p>The API answers. To build the pages, run <code>make run</code> with Node 20 or newer, or with a network to fetch it.</p></html>"""

FOREVER = "public, max-age=31536000, immutable"
HASHED = re.compile(r"later-[\w-]{8}\.js")
AN_HOUR = "public, max-age=300"


@router.get("/")
async def home(_: Public) -> Response:
    """To the staff app."""
    return RedirectResponse("/app/")


@router.get("/app")
async def app_without_slash(_: Public) -> Response:
    """To the staff app."""
    return RedirectResponse("/app/")


@router.get("/app/{path:path}")
async def app(_: Public, path: str) -> Response:
    """The staff app: its files, and its one page for every address of its own."""
    if path.startswith("assets/") or "." in path.rpartition("/")[2]:
        return _file("app", path, FOREVER if path.startswith("assets/") else AN_HOUR)
    return _page("app/index.html", framed=False)


@router.get("/widget.js")
async def widget(_: Public) -> Response:
    """The customer widget: one script for any website."""
    return _anywhere(_file("widget", "widget.js", AN_HOUR))


@router.get("/widget/{path:path}")
async def widget_file(_: Public, path: str) -> Response:
    """What the widget fetches later, named by its content, and files of the full-page chat."""
    if HASHED.fullmatch(path):
        return _anywhere(_file("widget", path, FOREVER))
    return _file("widget", path, AN_HOUR)


@router.get("/chat/{key}")
async def chat(_: Public, key: str) -> Response:
    """The chat as a page of its own, to be linked or framed."""
    if not re.fullmatch(r"wk_[\w-]{10,120}", key):
        raise NotFound("There is no such chat.")
    return _page("widget/chat.html", framed=True, key=key)


@router.get("/demo")
async def demo(_: Public, parts: P, who: Annotated[Literal["cy"] | None, Query(alias="as")] = None) -> Response:
    """The demo shop, where the demo tenant's widget lives; with `?as=cy` signed in as Cy, who pays for Acme Plus."""
    made = seed.load(parts.settings.data_dir)
    if made is None:
        raise NotFound("The demo is not seeded here. Run: tandem demo")
    identity = seed.identity(made["acme"], who) if who else ""
    return _page("demo/index.html", framed=False, key=made["acme"].widget_key, identity=identity)


@router.get("/demo/{path:path}")
async def demo_file(_: Public, path: str) -> Response:
    """The demo shop's files."""
    return _file("demo", path, AN_HOUR)


def _anywhere(response: Response) -> Response:
    """The same for every website's pages."""
    response.headers["access-control-allow-origin"] = "*"
    response.headers["cross-origin-resource-policy"] = "cross-origin"
    return response


def _file(folder: str, path: str, cache: str) -> Response:
    root = (STATIC / folder).resolve()
    try:
        found = (root / path).resolve()
        if found.is_relative_to(root) and found.is_file():
            return FileResponse(found, headers={"cache-control": cache})
    except (OSError, ValueError):  # a name that no file can have
        pass
    raise NotFound


def _page(file: str, *, framed: bool, key: str = "", identity: str = "") -> Response:
    path = STATIC / file
    if not path.exists():
        return Response(MISSING, 503, media_type="text/html")
    nonce = secrets.token_urlsafe(16)
    text = path.read_text("utf-8").replace("__CSP_NONCE__", nonce).replace("__WIDGET_KEY__", html.escape(key))
    text = text.replace("data-key=", f'data-identity="{html.escape(identity)}" data-key=') if identity else text
    policy = POLICY.format(nonce=nonce, frames="" if framed else NOT_FRAMED)
    return Response(
        text, media_type="text/html", headers={"content-security-policy": policy, "cache-control": "no-store"}
    )
