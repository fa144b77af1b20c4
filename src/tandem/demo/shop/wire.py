"""The wire from Tandem to a backend, on the backend's side: signatures, idempotency keys, and the state of a key.

A request is signed as Standard Webhooks lay down: HMAC-SHA256 of `id.timestamp.body`, at most five minutes old.
A change carries an `Idempotency-Key`. The first answer to a key is written down in the transaction that does the work,
so a key is done once, however often and however many at once it arrives.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tandem.demo.shop import books as bookkeeping
from tandem.demo.shop import calendar
from tandem.demo.shop.books import Books
from tandem.demo.shop.changes import CHANGES, LOOK_UPS, Asked
from tandem.demo.shop.rules import Refused

WINDOW_S = 300
"""Standard Webhooks advises five minutes for the age of a signature."""


class Answer(NamedTuple):
    """A status and what becomes the JSON body."""

    status: int
    body: dict[str, Any]


class Unwritten(Exception):
    """Rolls a change back that was only pretended."""


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raises Refused (401) unless one of the signatures is by this secret and fresh."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    sent = headers.get("webhook-timestamp", "")
    if not sent.isascii() or not sent.isdigit() or len(sent) > 12 or abs(time.time() - int(sent)) > WINDOW_S:
        raise Refused("The request is not signed, or its signature is older than five minutes.", 401)
    signed = f"{headers.get('webhook-id', '')}.{sent}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()[:4]
    if not headers.get("webhook-id") or not any(hmac.compare_digest(right.encode(), one.encode()) for one in given):
        raise Refused("The signature is not right.", 401)


def look_up(file: Path, name: str, customer: str, arguments: Mapping[str, Any]) -> Answer:
    """Answers a look-up or a quote."""
    try:
        with bookkeeping.reading(file) as books:
            return Answer(200, LOOK_UPS[name](books, customer, arguments))
    except Refused as refused:
        return _no(refused)


def change(file: Path, name: str, asked: Asked, webhook_id: str, body: bytes, *, pretend: bool = False) -> Answer:
    """Does a change once for its key; the same request later gets the same answer, another one under its key 422.

    `pretend` answers as if it were done, and does nothing.
    """
    hashed = hashlib.sha256("\0".join((name, asked.customer)).encode() + b"\0" + body).hexdigest()
    answer = Answer(500, {})
    try:
        with bookkeeping.writing(file) as books:
            if (known := _known(books, asked.key, webhook_id, name, hashed)) is not None:
                return known
            answer = _once(books, name, asked)
            books.run(
                """insert into requests
                     (idempotency_key, webhook_id, path, customer_id, body_hash, status, answer, arrived_at)
                   values (?, ?, ?, ?, ?, ?, ?, ?)""",
                asked.key,
                webhook_id,
                name,
                asked.customer,
                hashed,
                answer.status,
                json.dumps(answer.body),
                calendar.now().isoformat(),
            )
            if pretend:
                raise Unwritten
    except Unwritten:
        pass
    return answer


def state(file: Path, arguments: Mapping[str, Any], running: frozenset[str]) -> Answer:
    """What became of a key: done, failed, running, or unknown_key."""
    key = arguments.get("idempotency_key")
    if not isinstance(key, str):
        return _no(Refused("idempotency_key is a text."))
    with bookkeeping.reading(file) as books:
        row = books.maybe("select status, answer from requests where idempotency_key = ?", key)
    if row is None:
        return Answer(200, {"status": "running" if key in running else "unknown_key"})
    done = row["status"] < 300
    return Answer(200, {"status": "done" if done else "failed", "result": json.loads(row["answer"])})


def _known(books: Books, key: str, webhook_id: str, name: str, hashed: str) -> Answer | None:
    row = books.maybe("select body_hash, status, answer from requests where idempotency_key = ?", key)
    if row is not None:
        if row["body_hash"] != hashed:
            return _no(Refused("This Idempotency-Key was used for another request."))
        return Answer(row["status"], json.loads(row["answer"]))
    if books.maybe("select 1 from requests where webhook_id = ? and path = ?", webhook_id, name):
        # The key is not part of what is signed: a recorded request must not be done again under a new one.
        return _no(Refused("This webhook-id was used with another Idempotency-Key."))
    return None


def _once(books: Books, name: str, asked: Asked) -> Answer:
    books.run("savepoint change")
    try:
        return Answer(200, CHANGES[name](books, asked))
    except Refused as refused:
        books.run("rollback to change")
        return _no(refused)


def _no(refused: Refused) -> Answer:
    return Answer(refused.status, {"error": str(refused)})
