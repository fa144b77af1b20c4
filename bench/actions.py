"""What an action costs beyond its backend: a look-up with an owner's rule, and a change from the wish to "done".

The server is the real `tandem serve` with its worker on a fresh database; the backend answers at once, in a process of its own
(`python -m bench.actions PORT`), and in the same run a bare client posts to it. Every figure is from a customer's request to its
answer, HTTP and all, so the backend's own time is in it: a look-up asks it once, a proposal once, a confirmation twice.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import orjson

from bench import site
from bench.report import Figure, Result, milliseconds
from bench.site import Site
from tandem.db import embedded

RATE, SECONDS = 20, 20
CUSTOMERS = 100
BUDGET = "p95 ≤ 25"
BARE = "bare POST to the backend"
ORDER = {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}
REFUND = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "amount_minor": {"type": "integer", "minimum": 1}},
    "required": ["order_id", "amount_minor"],
}
LIMITS = {"per_action_minor": 10_000, "per_customer_day_sum_minor": 10**9, "per_tenant_month_sum_minor": 10**12}
Call = Callable[["Customer", int], Awaitable[float]]


def run(options: Sequence[str]) -> Result:
    """Everything, in a minute and a half. Options name parts: look_up, change."""
    parts = options or ("look_up", "change")
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        data_dir = Path(folder)
        company = _company(data_dir)
        with site.running(data_dir, {"TANDEM_OUTGOING_ALLOW": "127.0.0.1"}) as running, _backend() as url:
            _register(running, company, url)
            figures = asyncio.run(_measured(running, company, url, parts))
        embedded.stop(data_dir)
    return Result("actions", figures)


async def _measured(running: Site, company: dict[str, Any], url: str, parts: Sequence[str]) -> list[Figure]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        customers = [Customer(http, running.port, n) for n in range(CUSTOMERS)]
        for customer in customers:
            await customer.arrive(company)

        async def bare(_: Customer, n: int) -> float:
            began = time.perf_counter()
            async with http.post(
                f"{url}/get_order", json={"order_id": str(n)}, headers={"tandem-customer": "x"}
            ) as answer:
                await answer.read()
            return time.perf_counter() - began

        floor = milliseconds(await _paced(customers, bare, 5))
        figures = []
        how = f"{RATE} calls a second"
        if "look_up" in parts:
            await _paced(customers, Customer.look_up, 3)
            took = await _paced(customers, Customer.look_up, SECONDS)
            figures.append(Figure("a look-up with an owner's rule", how, "ms", milliseconds(took), BUDGET, floor, BARE))
        if "change" in parts:
            await _paced(customers, Customer.change, 3, rate=RATE / 2)
            for customer in customers:
                customer.proposed.clear()
                customer.confirmed.clear()
            whole = await _paced(customers, Customer.change, SECONDS, rate=RATE / 2)
            proposed = [took for customer in customers for took in customer.proposed]
            confirmed = [took for customer in customers for took in customer.confirmed]
            figures += [
                Figure(
                    "a change proposed, its owner asked for", how, "ms", milliseconds(proposed), BUDGET, floor, BARE
                ),
                Figure(
                    "the same confirmed, checked again and done",
                    how,
                    "ms",
                    milliseconds(confirmed),
                    BUDGET,
                    floor,
                    BARE,
                ),
                Figure("a change from the wish to done", how, "ms", milliseconds(whole), "", floor, BARE),
            ]
        api, postgres = running.used()
        return [
            *figures,
            Figure("processor so far, API and PostgreSQL", "all of it", "s", [api.cpu_s + postgres.cpu_s]),
        ]


async def _paced(customers: "list[Customer]", call: Call, seconds: float, *, rate: float = RATE) -> list[float]:
    """So many a second whatever happens, each customer one after the other; how long each took."""
    began = time.perf_counter() + 0.1

    async def one(n: int) -> float:
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        return await call(customers[n % len(customers)], n)

    return list(await asyncio.gather(*(one(n) for n in range(int(rate * seconds)))))


class Customer:
    """A browser of a customer whom the company knows, in a conversation."""

    def __init__(self, http: aiohttp.ClientSession, port: int, number: int) -> None:
        self.http, self.url, self.number = http, f"http://127.0.0.1:{port}", number
        self.headers: dict[str, str] = {}
        self.ticket_id = ""
        self.wishes = 0
        self.proposed: list[float] = []
        self.confirmed: list[float] = []

    async def arrive(self, company: dict[str, Any]) -> None:
        """A session and a conversation."""
        claims = {"sub": f"c{self.number}", "aud": company["widget_key"], "exp": int(time.time()) + 600}
        identity = jwt.encode(claims, company["identity_secret"])
        welcome = await self._post("/v1/widget/session", {"widget_key": company["widget_key"], "identity": identity})
        self.headers = {"authorization": f"Bearer {welcome['token']}"}
        self.ticket_id = (await self._post("/v1/support/message", {"message": "Hello"}))["ticket_id"]

    async def look_up(self, n: int) -> float:
        """Seconds."""
        began = time.perf_counter()
        answer = await self._action("get_order", {"order_id": f"c{self.number}-{n}"})
        assert answer["status"] == "executed", answer
        return time.perf_counter() - began

    async def change(self, n: int) -> float:
        """Seconds, with the customer's click between the two in none."""
        self.wishes += 1
        wanted = {"order_id": f"c{self.number}-{self.wishes}", "amount_minor": 100}
        began = time.perf_counter()
        card = (await self._action("refund_order", wanted))["proposal"]
        between = time.perf_counter()
        done = await self._action(
            "refund_order", wanted, confirmed_by_customer=True, confirm_token=card["confirm_token"]
        )
        assert done["status"] == "executed", done
        self.proposed.append(between - began)
        self.confirmed.append(time.perf_counter() - between)
        return time.perf_counter() - began

    async def _action(self, name: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
        body = {"ticket_id": self.ticket_id, "action_type": name, "parameters": parameters, **more}
        return await self._post("/v1/support/action", body)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.http.post(self.url + path, data=orjson.dumps(body), headers={**self.headers, **JSON}) as answer:
            found: dict[str, Any] = orjson.loads(await answer.read())
        return found


JSON = {"content-type": "application/json"}


def _register(running: Site, company: dict[str, Any], url: str) -> None:
    owner = [{"argument": "order_id", "look_up": "get_order", "path": "customer_id"}]
    shared: dict[str, Any] = {"description": "An order.", "owner": owner}
    handler = {"kind": "http", "url": f"{url}/get_order"}
    refund = {"kind": "http", "url": f"{url}/refund_order"}
    _put(running, company, "get_order", shared | {"kind": "look_up", "input_schema": ORDER, "handler": handler})
    change = {"kind": "change", "input_schema": REFUND, "handler": refund, "limits": LIMITS}
    _put(running, company, "refund_order", shared | change | {"amount": {"from": "amount_minor", "currency": "EUR"}})
    for name in ("get_order", "refund_order"):
        running.post(f"/v1/actions/{name}/secret", {}, company["api_key"])


def _put(running: Site, company: dict[str, Any], name: str, body: dict[str, Any]) -> None:
    import urllib.request

    headers = {**JSON, "authorization": f"Bearer {company['api_key']}"}
    url = f"http://127.0.0.1:{running.port}/v1/actions/{name}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="PUT")
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def _company(data_dir: Path) -> dict[str, Any]:
    """A tenant without anything."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    command = [
        sys.executable,
        "-m",
        "tandem.cli",
        "tenant",
        "create",
        "Bench",
        "--json",
        "--admin-email",
        "ann@bench.example",
    ]
    with embedded.hold(data_dir):
        embedded.ensure(data_dir)
        made = subprocess.run(command, env=env | {"TANDEM_DATA_DIR": str(data_dir)}, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


# ------------------------------------------------------------------ the backend


@contextmanager
def _backend() -> Iterator[str]:
    port = site.free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.actions", str(port)])
    try:
        site.wait_for(port, "/")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def backend(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Every order is the asking customer's; every change is done."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    whose = dict(scope["headers"]).get(b"tandem-customer", b"").decode()
    said = {"customer_id": whose, "status": "delivered", "reference": "R-1"}
    answer = orjson.dumps(said | (orjson.loads(body) if body else {}))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(
        backend,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
