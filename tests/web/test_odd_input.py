"""Whatever is sent, the answer is a sentence that names the field, never a 500, and nothing that was not asked for changes.

T2 and T29 of security.md, in small: every route of the contract, as somebody who may call it.
"""

import asyncio
import itertools
import json
import os
import random
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from tandem.knowledge import documents
from tandem.tenants import members
from tests.cast import Cast
from tests.web import canaries, probing
from tests.web.site import Caller, Site, credentials

RATE_LIMITS = False
JOBS = frozenset({documents.INGEST})

CASES = int(os.environ.get("TANDEM_ODD_INPUTS", "400"))
SEED = int(os.environ.get("TANDEM_SEED") or random.randrange(10**6))

FORBIDDEN = {
    "tenant_id": "tnt_01m7w000000000000000000000", "role": "admin", "status": "ready", "confirmed": True, "id": "x",
    "customer": "x", "verified": True, "internal": False, "member_id": "x", "created_at": "2020-01-01", "turn_id": "x",
    "is_admin": True, "__proto__": {}, "scopes": ["admin"],
}  # fmt: skip

DEEP = b"[" * 500 + b"]" * 500
ODD: dict[str, Any] = {
    "nothing": None, "a number": 7, "minus one": -1, "a huge number": 10**400, "a fraction": 1.5e308, "true": True,
    "an empty text": "", "a list": ["x"], "an object": {"x": "y"}, "a long text": "x" * 100_001, "a NUL": "a\x00b",
    "half a pair": "\ud800", "an escape": "a\x1b[2Jb", "a foreign digit": "²", "SQL": "' or 1=1; --", "a format": "%s{0}%(x)s",
    "many words": "word " * 15_000, "an odd id": "cnv_zzzzzzzzzzzzzzzzzzzzzzzzzz", "another kind's id": "xyz_01m7w000000000000000000000",
}  # fmt: skip
BODIES: dict[str, bytes] = {
    "no body": b"", "half a body": b'{"message": "he', "no JSON": b"message=hello", "invalid UTF-8": b'{"message": "\xff\xfe"}',
    "deep": DEEP, "very deep": b"[" * 100_000, "a list": b"[]", "null": b"null", "a text": b'"x"', "not a number": b'{"rating": NaN}',
    "binary": bytes(range(256)) * 20, "a huge number": b'{"rating": ' + b"9" * 5000 + b"}", "twice": b'{"message":"a","message":null}',
    "deep inside": b'{"metadata": ' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}", "half a pair": b'{"\\ud800": "\\udfff"}',
}  # fmt: skip
TYPES = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "",
]


@pytest.fixture(scope="module")
def own(site: Site, cast: Cast) -> dict[str, str]:
    """Acme's things, for addresses that are in order."""
    return probing.belongings(site, cast.acme, cast.cy, cast.bo, "acme")


def operations(site: Site) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in site.app.openapi()["paths"].items():
        for method, operation in methods.items():
            if "/events" not in path and path != "/v1/auth/logout":
                yield method.upper(), path, operation


def allowed(site: Site, cast: Cast, method: str, path: str) -> Caller:
    """Somebody whom the door lets in: with the least rights that do."""
    for who in (cast.cy, cast.acme, cast.ann):
        if probing.admits(site.app, f"{method} {path}", who):
            return who
    raise AssertionError(path)


def address(path: str, own: dict[str, str]) -> str:
    kind = next((k for part, k in probing._KINDS.items() if f"/{part}/" in path), "cnv")
    return path.replace("{id}", own[kind]).replace("{index}", "1").replace("{number}", "1")


def is_problem(answer: httpx.Response, what: str) -> None:
    """One shape for everything that goes wrong; a refused input names its field."""
    assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", what
        shown = answer.json()
        assert shown.keys() >= {"type", "title", "status", "code", "detail", "request_id"}, what
        assert shown["status"] == answer.status_code
        assert "Traceback" not in answer.text
        assert "psycopg" not in answer.text
        if answer.status_code == 422 and "reused" not in shown["code"]:
            assert shown["errors"][0]["field"], what


def test_nothing_can_be_slipped_into_any_body(site: Site, cast: Cast, own: dict[str, str]) -> None:
    document = site.app.openapi()
    before = canaries.fingerprints(site.place, cast.acme)
    tried = 0
    for method, path, operation in operations(site):
        if method in ("GET", "DELETE") or path == "/v1/policy":
            continue
        known = probing._properties(document, operation)
        for name, value in FORBIDDEN.items():
            if name in known:
                continue
            body = probing._body(document, operation, own) | {name: value}
            answer = site.call(allowed(site, cast, method, path), method, address(path, own), body)
            assert answer.status_code == 422, f"{method} {path} takes {name}: {answer.text[:200]}"
            assert name in str(answer.json()["errors"]), f"{method} {path}: {answer.text}"
            tried += 1
    for name, value in FORBIDDEN.items():
        answer = site.call(cast.ann, "PATCH", "/v1/policy", {name: value})
        assert answer.status_code == 422, name
    assert tried > 250
    assert changed(before, canaries.fingerprints(site.place, cast.acme)) == set()


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]} - {"presence"}


def test_odd_values_in_every_field_are_refused_by_name(site: Site, cast: Cast, own: dict[str, str]) -> None:
    document = site.app.openapi()
    cases = [
        (method, path, operation, name, what)
        for method, path, operation in operations(site)
        if method not in ("GET", "DELETE")
        for name, what in itertools.product(probing._properties(document, operation), ODD)
    ]
    random.Random(SEED).shuffle(cases)
    asyncio.run(send_all(site, cast, own, document, cases[:CASES]))
    print(f"{min(CASES, len(cases))} odd values; again with TANDEM_SEED={SEED} TANDEM_ODD_INPUTS={CASES}")


async def send_all(site: Site, cast: Cast, own: dict[str, str], document: dict[str, Any], cases: list[Any]) -> None:
    gate = asyncio.Semaphore(8)
    async with httpx.AsyncClient(base_url=site.url, timeout=30, verify=False) as http:

        async def one(method: str, path: str, operation: dict[str, Any], name: str, what: str) -> None:
            body = probing._body(document, operation, own) | {name: ODD[what]}
            headers = credentials(allowed(site, cast, method, path)) | {"content-type": "application/json"}
            async with gate:
                answer = await http.request(method, address(path, own), headers=headers, content=as_json(body))
            is_problem(answer, f"{method} {path} with {what} as {name}")

        await asyncio.gather(*(one(*case) for case in cases))


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode()


def test_bodies_that_are_none_are_refused(site: Site, cast: Cast, own: dict[str, str]) -> None:
    for method, path, _ in operations(site):
        if method in ("GET", "DELETE"):
            continue
        for what, body in BODIES.items():
            headers = credentials(allowed(site, cast, method, path)) | {"content-type": "application/json"}
            answer = site.http.request(method, address(path, own), headers=headers, content=body)
            is_problem(answer, f"{method} {path} with {what}")


@pytest.mark.parametrize("kind", TYPES)
def test_any_content_type_is_answered(site: Site, cast: Cast, own: dict[str, str], kind: str) -> None:
    for path in ("/v1/kb/documents", "/v1/support/message", "/v1/policy"):
        for what, body in BODIES.items():
            headers = credentials(cast.acme) | ({"content-type": kind} if kind else {})
            method = "PATCH" if path == "/v1/policy" else "POST"
            is_problem(site.http.request(method, path, headers=headers, content=body), f"{path} {kind} {what}")


@pytest.mark.parametrize("what", ODD)
def test_odd_addresses_and_questions_are_answered(site: Site, cast: Cast, what: str) -> None:
    odd = quote(str(ODD[what])[:5000].encode("utf-8", "surrogatepass"), safe="")
    for method, path, operation in operations(site):
        who = allowed(site, cast, method, path)
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                target = (
                    path.replace("{" + parameter["name"] + "}", odd or "%20")
                    .replace("{index}", "1")
                    .replace("{number}", "1")
                    .replace("{id}", odd)
                )
                is_problem(site.call(who, method, target, None if method in ("GET", "DELETE") else {}), target[:200])
            elif parameter["in"] == "query":
                needed = "" if parameter["name"] in ("q", "conversation_id") else "q=x&"
                target = f"{path}?{needed}{parameter['name']}={odd}"
                is_problem(
                    site.call(
                        who, method, target.replace("{id}", "x").replace("{index}", "1").replace("{number}", "1")
                    ),
                    target[:200],
                )


@pytest.mark.parametrize("path", ["/app/", "/app/assets/", "/widget/", "/demo/", "/chat/"])
@pytest.mark.parametrize(
    "name",
    ["%00", "a%00.js", "..%2f..%2fapi.py", "../../edge.py", "x" * 300 + ".js", "%ff.js", "nul.js", "a/" * 400 + "b.js"],
)
def test_no_page_shows_anything_but_itself(site: Site, path: str, name: str) -> None:
    answer = site.http.get(path + name)
    assert answer.status_code in (200, 404, 503), answer.text
    assert "import " not in answer.text or answer.headers["content-type"].startswith("text/html")


def test_wrong_methods_are_refused(site: Site, cast: Cast, own: dict[str, str]) -> None:
    for path, methods in site.app.openapi()["paths"].items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - {m.upper() for m in methods}:
            answer = site.call(cast.ann, method, address(path, own))
            assert answer.status_code in (404, 405, 422), f"{method} {path}: {answer.status_code}"
            is_problem(answer, f"{method} {path}")


def test_what_is_too_large_is_refused_before_it_is_read(site: Site, cast: Cast) -> None:
    """200 MB are announced; not one of them is sent."""
    head = (
        f"POST /v1/kb/documents HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {cast.acme.api_key}\r\n"
        f"content-type: multipart/form-data; boundary=x\r\ncontent-length: 200000000\r\n\r\n"
    )
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(head.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", ["/v1/kb/documents", "/v1/support/message", "/v1/policy"])
def test_what_does_not_say_how_large_it_is_is_cut_off(site: Site, cast: Cast, path: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'{"message": "'
        while sent < 200_000_000:
            sent += 1_000_000
            yield b"x" * 1_000_000

    method = "PATCH" if path == "/v1/policy" else "POST"
    headers = credentials(cast.acme) | {"content-type": "application/json"}
    try:
        answer = httpx.request(method, site.url + path, headers=headers, content=endless())
    except httpx.TransportError:
        pass  # refused while it was still being sent
    else:
        assert answer.status_code == 413, answer.text
        assert answer.json()["code"] == "too_large"
    assert sent < 40_000_000


def test_a_file_over_the_limit_is_refused_with_the_figure(site: Site, cast: Cast) -> None:
    answer = site.post(cast.acme, "/v1/kb/documents", files={"file": ("big.txt", b"x" * (25 * 1024 * 1024 + 1))})
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert "25" in answer.json()["detail"]


def test_every_answer_carries_the_headers_that_keep_browsers_safe(site: Site, cast: Cast) -> None:
    for answer in (
        site.get(None, "/healthz"),
        site.get(None, "/v1/tickets"),
        site.get(cast.ann, "/v1/tickets"),
        site.get(None, "/nowhere"),
    ):
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"].startswith("req_")


def test_an_unexpected_error_is_a_sentence_and_nothing_more(
    site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Any) -> Any:
        raise RuntimeError("secret detail in a stack trace")

    monkeypatch.setattr(members, "everyone", broken)
    answer = site.get(cast.ann, "/v1/members")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_contract_is_valid_json_and_public(site: Site) -> None:
    shown = orjson.loads(site.get(None, "/openapi.json").content)
    assert shown["openapi"].startswith("3.")
