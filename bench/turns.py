"""What a turn costs: without a model at a steady pace and flat out, with a streaming provider, and while nothing happens.

The server is the real `tandem serve` with its worker, on a fresh database with the demo in it; customers write real
questions from a process of their own. Beside it, in the same run: a bare route with one insert (the floor), and the
provider's stream read by a bare socket.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
import psycopg

from bench import site
from bench.floor import TABLE
from bench.load import Turn
from bench.report import Figure, Result, milliseconds
from bench.site import Site
from tandem.db import embedded
from tandem.llm.stub.asked import by_openai
from tandem.llm.stub.behaviours import Behaviour
from tandem.llm.stub.replies import reply
from tandem.llm.stub.wire import tokens

RATE, STEADY_S = 20, 30
CROWD, FLAT_OUT_S = 16, 20
FIRST_TOKEN_MS, TOKENS_PER_S = 400, 60
STREAMED_S = 30
STREAMS, IDLE_S = 2000, 16
CUSTOMERS = 200
BARE = "bare route with one insert"
OPENERS = 50
"""Customers whose conversations the idle streams listen to."""


def run(options: Sequence[str]) -> Result:
    """Everything, in some three minutes. Options name parts: steady, streamed, idle."""
    parts = options or ("steady", "streamed", "idle")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        data_dir = Path(folder)
        site.prepare(data_dir)
        for part in parts:
            figures += {"steady": _without_model, "streamed": _streamed, "idle": _idle}[part](data_dir)
        embedded.stop(data_dir)
    return Result("turns", figures)


# ---------------------------------------------------------------- without a model


def _without_model(data_dir: Path) -> list[Figure]:
    with site.running(data_dir) as running, _floor(data_dir) as floor_port:
        order = {"port": running.port, "tokens": running.sessions(CUSTOMERS), "questions": questions(), "seconds": 5}
        for _ in range(2):
            load(order | {"crowd": 6, "once": True})  # every question twice: caches and plans are warm
        floor_order = order | {"port": floor_port, "path": "/floor"}
        load(floor_order | {"crowd": 4, "seconds": 1})
        steady, floor = (load(o | {"rate": RATE, "seconds": STEADY_S}) for o in (order, floor_order | {"seconds": 10}))
        flat_out = _costed(running, order | {"crowd": CROWD, "seconds": FLAT_OUT_S})
        floor_out = load(floor_order | {"crowd": CROWD, "seconds": 5})
    turns, api_s, postgres_s, took = flat_out
    per_minute, floor_minute = len(good(turns)) / took * 60, len(good(floor_out)) / _span(floor_out) * 60
    whole, floor_ms = (
        milliseconds(t.done - t.due for t in good(steady)),
        milliseconds(t.done - t.due for t in good(floor)),
    )
    how = f"{RATE} turns a second, no model"
    thousands = len(turns) / 1000
    return [
        Figure("own time of a turn, message sent to done", how, "ms", whole, "p50 ≤ 12, p95 ≤ 30", floor_ms, BARE),
        Figure("accepted to done", how, "ms", milliseconds(t.done - t.accepted for t in good(steady))),
        Figure("sent to accepted (stored for good)", how, "ms", milliseconds(t.accepted - t.due for t in good(steady))),
        Figure("errors", how, "turns", [len(steady) - len(good(steady))], budget="0"),
        Figure("turns a minute", f"{CROWD} customers flat out, no model", "turns/min", [per_minute], "≥ 9,000", [floor_minute], BARE),
        Figure("own time of a turn", f"{CROWD} customers flat out", "ms", milliseconds(t.done - t.due for t in good(turns))),
        Figure("errors", f"{CROWD} customers flat out", "turns", [len(turns) - len(good(turns))], budget="0"),
        Figure("processor, API", "1,000 turns without a model", "s", [api_s / thousands]),
        Figure("processor, PostgreSQL", "1,000 turns without a model", "s", [postgres_s / thousands]),
        Figure("how turns ended", "answered", "share", [Counter(t.kind for t in turns)["answered"] / len(turns)]),
    ]  # fmt: skip


@contextmanager
def _floor(data_dir: Path) -> Iterator[int]:
    """The bare route, on a database of its own of the same server."""
    address = embedded.ensure(data_dir)
    with psycopg.connect(address.owner_url, autocommit=True) as connection:
        if not connection.execute("select from pg_database where datname = 'bench'").fetchall():
            connection.execute("create database bench")
    url = address.url("postgres", "bench")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
    port = site.free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.floor", str(port), url])
    try:
        site.wait_for(port, "/healthz")
        yield port
    finally:
        process.terminate()
        process.wait()


# ---------------------------------------------------------------- with a streaming provider


def _streamed(data_dir: Path) -> list[Figure]:
    with _stub() as stub:
        settings = {"TANDEM_MODEL": "openai:stub", "TANDEM_MODEL_BASE_URL": stub, "TANDEM_MODEL_API_KEY": "none"}
        settings["TANDEM_ANSWER_CACHE_S"] = "0"  # the same questions come again and again, and each shall be streamed
        with site.running(data_dir, settings) as running:
            order = {
                "port": running.port,
                "tokens": running.sessions(CUSTOMERS),
                "questions": questions("answerable"),
                "stay": False,
            }
            load(order | {"crowd": 40, "once": True})  # caches and plans are warm
            turns, api_s, postgres_s, _ = _costed(running, order | {"rate": RATE, "seconds": STREAMED_S})
            asked = {_question(body): body for body in _requests(stub)}
        bare = asyncio.run(_bare(stub, list(asked.values())[:80]))
    firsts, wholes = [], []
    for turn in good(turns):
        nominal = _nominal(asked.get(turn.question), turn)
        if nominal is not None:
            firsts.append((turn.first - turn.due) * 1000 - nominal[0])
            wholes.append((turn.done - turn.due) * 1000 - nominal[1])
    how = f"{RATE} turns a second, provider: first token {FIRST_TOKEN_MS} ms, {TOKENS_PER_S} tokens a second"
    budget = "p50 ≤ 20, p99 ≤ 60"
    return [
        Figure(
            "first checked sentence, later than the provider",
            how,
            "ms",
            firsts,
            budget=budget,
            against=bare,
            peer="bare socket, first token",
        ),
        Figure(
            "whole answer, later than the provider",
            how,
            "ms",
            wholes,
            budget=budget,
            against=bare,
            peer="bare socket, first token",
        ),
        Figure("answers by the model", how, "share", [len(firsts) / len(turns)]),
        Figure("errors", how, "turns", [len(turns) - len(good(turns))], budget="0"),
        Figure("processor, API", "1,000 streamed turns", "s", [api_s / len(turns) * 1000]),
        Figure("processor, PostgreSQL", "1,000 streamed turns", "s", [postgres_s / len(turns) * 1000]),
        Figure(
            "processor, both", "1,000 streamed turns", "s", [(api_s + postgres_s) / len(turns) * 1000], budget="≤ 17"
        ),
    ]


def _nominal(body: dict[str, Any] | None, turn: Turn) -> tuple[float, float] | None:
    """When the provider shows the end of what was released first, and ends; None where the answer was not the model's.

    A sentence's end shows with the token after it. The moments are the provider's pace, not its clock: what the
    provider itself is late counts as ours.
    """
    if body is None or not turn.pieces:
        return None
    said = reply(by_openai(body, "/v1/chat/completions"), Behaviour.GOOD).text
    first = turn.pieces[0].strip()
    at = said.find(first)
    if at < 0:
        return None
    shown = min(len(tokens(said[: at + len(first)])), len(tokens(said)) - 1)
    return FIRST_TOKEN_MS + shown / TOKENS_PER_S * 1000, FIRST_TOKEN_MS + (len(tokens(said)) - 1) / TOKENS_PER_S * 1000


async def _bare(stub: str, bodies: list[dict[str, Any]]) -> list[float]:
    """How late the provider's first token reaches a bare socket at the same pace, in ms: the limit of what can be had."""
    port = int(stub.rpartition(":")[2])

    async def one(n: int, body: dict[str, Any]) -> float:
        await asyncio.sleep(n / RATE)
        began, data = time.perf_counter(), orjson.dumps(body)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: stub\r\ncontent-length: %d\r\n\r\n" % len(data) + data
        )
        await reader.readuntil(b'"content":"')
        late = (time.perf_counter() - began) * 1000 - FIRST_TOKEN_MS
        while not (await reader.readuntil(b"\n")).startswith(b"data: [DONE]"):
            pass
        writer.close()
        return late

    return await asyncio.gather(*(one(n, body) for n, body in enumerate(bodies)))


@contextmanager
def _stub() -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "tandem.llm.stub",
        f"--first-token-ms={FIRST_TOKEN_MS}",
        f"--tokens-per-s={TOKENS_PER_S}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def _requests(stub: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(stub + "/_requests", timeout=10) as response:  # noqa: S310
        return [request["body"] for request in json.load(response) if request["body"].get("stream")]


def _question(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


# ---------------------------------------------------------------- while nothing happens


def _idle(data_dir: Path) -> list[Figure]:
    with site.running(data_dir) as running:
        chats = [(token, running.chat(token, "How long does delivery take?")) for token in running.sessions(OPENERS)]
        time.sleep(3)
        before, _ = running.used()
        memory, busy = asyncio.run(_hold(running, chats))
    how = f"{STREAMS:,} open event streams"
    return [
        Figure("memory of an open stream", how, "kB", [(memory - before.rss) / STREAMS / 1000]),
        Figure("API, resident", how, "MB", [memory / 1e6], budget="≤ 1,000 at 10,000"),
        Figure("API, processor while idle", how, "% of a core", [busy / IDLE_S * 100], budget="≤ 2"),
    ]


async def _hold(running: Site, chats: list[tuple[str, str]]) -> tuple[int, float]:
    """Open the streams, wait for quiet, look. Memory in bytes, and processor seconds in IDLE_S, a heartbeat of each among them."""
    writers = []
    for n in range(STREAMS):
        token, conversation_id = chats[n % len(chats)]
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        lines = (
            f"GET /v1/conversations/{conversation_id}/events HTTP/1.1",
            f"host: bench\r\nauthorization: Bearer {token}\r\nlast-event-id: 1000",
        )
        writer.write("\r\n".join((*lines, "", "")).encode())
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        writers.append(writer)
    await asyncio.sleep(4)
    before, _ = running.used()
    await asyncio.sleep(IDLE_S)
    after, _ = running.used()
    for writer in writers:
        writer.close()
    return after.rss, (after - before).cpu_s


# ---------------------------------------------------------------- load


def questions(*groups: str) -> list[str]:
    """First messages of the demo's golden set: of these groups, or of all that a shop hears from honest customers."""
    wanted = groups or ("answerable", "unanswerable", "smalltalk", "ambiguous", "asks_for_a_person")
    text = resources.files("tandem.demo").joinpath("golden.jsonl").read_text("utf-8")
    cases = [json.loads(line) for line in text.splitlines()]
    return [case["messages"][0]["text"] for case in cases if case["group"] in wanted]


def load(order: dict[str, Any]) -> list[Turn]:
    """Run the generator on an order."""
    with tempfile.NamedTemporaryFile(prefix="tandem-turns-") as out:
        subprocess.run(
            [sys.executable, "-m", "bench.load"], input=json.dumps(order | {"out": out.name}), text=True, check=True
        )
        return [Turn(**turn) for turn in orjson.loads(Path(out.name).read_bytes())]


def _costed(running: Site, order: dict[str, Any]) -> tuple[list[Turn], float, float, float]:
    """The turns, what the API and PostgreSQL spent on them in processor seconds, and how long they took."""
    api, postgres = running.used()
    turns = load(order)
    api_after, postgres_after = running.used()
    return turns, (api_after - api).cpu_s, (postgres_after - postgres).cpu_s, _span(turns)


def good(turns: list[Turn]) -> list[Turn]:
    """Those that ended without an error."""
    return [turn for turn in turns if not turn.error]


def _span(turns: list[Turn]) -> float:
    return max(turn.done for turn in turns) - min(turn.due for turn in turns)
