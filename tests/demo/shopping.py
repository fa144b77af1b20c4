"""Speaking to the demo's shop as Tandem does: over real HTTP, signed by a signer of the test's own."""

import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from tandem.demo.shop import server

KEY = b"a secret of thirty-two bytes, yes"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
numbers = itertools.count(1)


def signed(body: bytes, *, key: bytes = KEY, at: float | None = None, message: str = "") -> dict[str, str]:
    """The headers of Standard Webhooks, written from their text and not from the shop's code."""
    message, moment = message or f"msg_{next(numbers)}", str(int(time.time() if at is None else at))
    digest = hmac.digest(key, message.encode() + b"." + moment.encode() + b"." + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": message, "webhook-timestamp": moment, "webhook-signature": signature}


@dataclass
class Shop:
    """A shop that is open, and its customers' requests."""

    url: str
    file: Path
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, verify=False))

    def ask(self, name: str, customer: str = "cy", **arguments: Any) -> httpx.Response:
        """A look-up or a quote."""
        body = json.dumps(arguments).encode()
        return self.client.post(
            f"{self.url}/{name}", content=body, headers={**signed(body), "tandem-customer": customer}
        )

    def change(self, name: str, customer: str = "cy", *, key: str = "", **arguments: Any) -> httpx.Response:
        """A change, under a key of its own or a known one."""
        key = key or f"act_{next(numbers)}"
        body = json.dumps(arguments).encode()
        headers = {**signed(body, message=key), "tandem-customer": customer, "idempotency-key": key}
        return self.client.post(f"{self.url}/{name}", content=body, headers=headers)

    def undo(self, made_by: str, customer: str = "cy") -> httpx.Response:
        """Takes back what was done under a key."""
        return self.change("refund_order/undo", customer, run_id="r", idempotency_key=made_by, arguments={}, result={})

    def fault(self, **planned: Any) -> None:
        """What goes wrong next."""
        assert self.client.post(f"{self.url}/faults", json=planned).status_code == 200

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the books, read past the shop."""
        with contextlib.closing(sqlite3.connect(self.file)) as books:
            found = books.execute(statement, values).fetchall()
            books.commit()
            return found

    def refunds(self, order_id: str) -> list[int]:
        """The refunds of an order that stand."""
        return [
            amount
            for (amount,) in self.rows(
                "select amount_minor from refunds where order_id = ? and undone_at is null", order_id
            )
        ]


@contextlib.contextmanager
def opened(file: Path, *, with_faults: bool = True) -> Iterator[Shop]:
    """A shop on this database, behind uvicorn on a free port."""
    app = server.create(file, SECRET, with_faults=with_faults)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # whoever comes before uvicorn does waits, and is not refused
        listener.listen()  # who comes before the server runs waits and is not refused
        config = uvicorn.Config(app, http="h11", log_level="warning", access_log=False, timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        shop = Shop(f"http://127.0.0.1:{listener.getsockname()[1]}", file)
        try:
            yield shop
        finally:
            shop.client.close()
            running.should_exit = True
            thread.join()
