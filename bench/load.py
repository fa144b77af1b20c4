"""Customers who write: a light load generator in a process of its own, so that its work is not the server's.

    echo '{"port": 8000, "tokens": [...], "questions": [...], "rate": 20, "seconds": 30, "out": "turns.json"}' | python -m bench.load

`rate` sends so many messages a second whatever happens (open loop); `crowd` keeps so many customers busy (closed loop),
`once` asks every question once. Writes the turns as JSON. Bare sockets and uvloop: some 0.1 ms of processor time a turn.
Knows nothing about Tandem but the shape of its chat stream.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import uvloop

ANSWERS_A_CONVERSATION = 4
"""After so many a customer opens the next conversation."""

END = b"0\r\n\r\n"


@dataclass(slots=True)
class Turn:
    """One message and its answer; moments are seconds on the machine's monotonic clock, 0 for what did not come."""

    question: str
    due: float
    sent: float
    accepted: float = 0.0
    first: float = 0.0
    last: float = 0.0
    done: float = 0.0
    own_ms: float = 0.0
    kind: str = ""
    pieces: list[str] = field(default_factory=list)
    error: str = ""


KEPT_S = 3.0
"""A connection that rested longer is opened anew, as a browser does: the server closes idle ones after five seconds."""


@dataclass(slots=True)
class Customer:
    """A browser: its session, its connection, the conversation it is in."""

    token: str
    port: int
    path: str
    conversation_id: str | None = None
    answers: int = 0
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    rested_at: float = 0.0

    async def ask(self, question: str, due: float, stay: bool) -> Turn:
        """Send one message and read its stream to the end."""
        turn = Turn(question, due, time.perf_counter())
        try:
            await self._ask(turn, stay)
        except (OSError, EOFError, asyncio.LimitOverrunError) as problem:
            turn.error = type(problem).__name__
        self.rested_at = time.perf_counter()
        if turn.error:
            self._hang_up()
        return turn

    async def _ask(self, turn: Turn, stay: bool) -> None:
        if time.perf_counter() - self.rested_at > KEPT_S:
            self._hang_up()
        if self.line is None:
            self.line = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        reader, writer = self.line
        body = {"message": turn.question, "client_message_id": str(uuid4())}
        if self.conversation_id and stay:
            body["conversation_id"] = self.conversation_id
        writer.write(self._request(orjson.dumps(body)))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            turn.error = head[:12].decode("latin-1")
            return
        await self._read(turn, reader)

    def _request(self, body: bytes) -> bytes:
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {self.token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def _read(self, turn: Turn, reader: asyncio.StreamReader) -> None:
        text = b""
        async for chunk in _chunks(reader):
            now = time.perf_counter()
            *frames, text = (text + chunk).split(b"\n\n")
            for frame in frames:
                self._note(turn, frame, now)
        if not turn.done:
            turn.error = turn.error or "no done"

    def _note(self, turn: Turn, frame: bytes, now: float) -> None:
        kind, _, data = frame.partition(b"event: ")[2].partition(b"\ndata: ")
        if kind == b"accepted":
            turn.accepted = turn.accepted or now
        elif kind == b"delta":
            turn.first, turn.last = turn.first or now, now
            turn.pieces.append(orjson.loads(data)["text"])
        elif kind == b"done":
            said = orjson.loads(data)
            turn.done, turn.own_ms, turn.kind = now, said["response_latency_ms"], said["resolution_state"]
            self.answers += 1
            ends = said["escalated"] or self.answers % ANSWERS_A_CONVERSATION == 0
            self.conversation_id = None if ends else said["conversation_id"]

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line[1].close()
        self.line = None


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readuntil(b"\r\n"), 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)


async def open_loop(
    customers: list[Customer], questions: Iterator[str], rate: float, seconds: float, stay: bool
) -> list[Turn]:
    """So many messages a second, whoever is free asks; waiting for a free customer counts as the server's delay."""
    free = asyncio.Queue[Customer]()
    for customer in customers:
        free.put_nowait(customer)
    began = time.perf_counter() + 0.1

    async def one(n: int) -> Turn:
        due = began + n / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        customer = await free.get()
        turn = await customer.ask(next(questions), due, stay)
        free.put_nowait(customer)
        return turn

    return await asyncio.gather(*(one(n) for n in range(int(rate * seconds))))


async def closed_loop(customers: list[Customer], questions: Iterator[str], seconds: float, stay: bool) -> list[Turn]:
    """Every customer asks again as soon as it has its answer."""
    until = time.perf_counter() + seconds

    async def one(customer: Customer) -> list[Turn]:
        turns = []
        while (now := time.perf_counter()) < until:
            turns.append(await customer.ask(next(questions), now, stay))
        return turns

    return [turn for turns in await asyncio.gather(*(one(customer) for customer in customers)) for turn in turns]


async def once(customers: list[Customer], questions: list[str]) -> list[Turn]:
    """Every question once."""
    left = iter(questions)
    turns = await asyncio.gather(*(_until_none(customer, left) for customer in customers))
    return [turn for some in turns for turn in some]


async def _until_none(customer: Customer, left: Iterator[str]) -> list[Turn]:
    return [await customer.ask(question, time.perf_counter(), stay=False) for question in left]


async def run(order: dict[str, Any]) -> list[Turn]:
    """What an order asks for."""
    customers = [Customer(token, order["port"], order.get("path", "/v1/chat")) for token in order["tokens"]]
    if order.get("once"):
        return await once(customers[: order["crowd"]], order["questions"])
    questions, stay = itertools.cycle(order["questions"]), order.get("stay", True)
    if "rate" in order:
        return await open_loop(customers, questions, order["rate"], order["seconds"], stay)
    return await closed_loop(customers[: order["crowd"]], questions, order["seconds"], stay)


def main() -> None:
    """Take the order from standard input."""
    order = json.load(sys.stdin)
    turns = uvloop.run(run(order))
    Path(order["out"]).write_bytes(orjson.dumps([asdict(turn) for turn in turns]))


if __name__ == "__main__":
    main()
