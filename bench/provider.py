"""What reading a provider's stream costs: processor time a token, and how much later the first token arrives.

    python bench/provider.py [--turns 200] [--crowd 2000]

Each reader runs in a process of its own against the same stub provider (first token after 400 ms, 60 tokens a second,
answers of 120 tokens), 20 new turns a second; then a crowd of answers at once in events of six tokens. Readers:
Tandem's own on both wires, a bare socket as the physical limit, httpx + orjson, and pydantic-ai where installed.
Prints a table and writes bench/results/provider.json.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import uvloop

from tandem import llm
from tandem.settings import Settings

FIRST_TOKEN_MS, TOKENS_PER_S, TOKENS, TURNS_PER_S = 400, 60, 120, 20
CROWD_A_S = 1000  # a crowd gathers within its first answers' time, yet not in one burst of connections
SYSTEM = "Answer from the passages."
QUESTION = (
    '<passage n="1" title="Returns">You can return any item within 30 days of delivery, if it was not worn.</passage>\n'
    "Within how many days can I return an item? [[behaviour:repeats]]"
)
OPENAI_BODY = {
    "model": "stub",
    "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}],
    "max_tokens": TOKENS,
    "stream": True,
    "stream_options": {"include_usage": True},
}

Turn = Callable[[], Awaitable[float]]  # reads one answer, returns the seconds to its first token


@dataclass(frozen=True, slots=True)
class Measured:
    """One reader's figures. Lateness is beyond the provider's own 400 ms."""

    reader: str
    turns: int
    at_once: bool
    cpu_us_a_token: float
    cpu_s_a_thousand_turns: float
    late_ms_p50: float
    late_ms_p99: float
    took_s: float
    rss_mb: float


# --- the readers: each returns a function that reads one answer ---


async def _tandem(spec: str, url: str, stack: AsyncExitStack) -> Turn:
    settings = Settings(model=spec, model_base_url=url, model_api_key="none")
    model = llm.from_settings(settings).of(llm.Role.DRAFT)
    assert model is not None
    stack.push_async_callback(model.aclose)
    message = llm.PromptMessage("user", QUESTION)
    prompt = llm.Prompt(SYSTEM, (message,), TOKENS, 0.2, timeout_s=60, first_token_s=60, gap_s=30)

    async def turn() -> float:
        stream = model.stream(prompt)
        async for _ in stream:
            pass
        assert stream.usage.output_tokens == TOKENS
        return (stream.first_token_ms or 0) / 1000

    return turn


async def _bare(url: str, stack: AsyncExitStack) -> Turn:
    body = orjson.dumps(OPENAI_BODY)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: stub\r\nContent-Length: %d\r\n\r\n" % len(body)
    port = int(url.rpartition(":")[2])

    async def turn() -> float:
        begun, first = time.perf_counter(), 0.0
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + body)
        rest = b""
        while b"[DONE]" not in rest:
            *whole, rest = (rest + await reader.read(65_536)).split(b"\n\n")
            for event in whole:
                text = _openai_text(event[event.find(b"data: ") + 6 :])
                first = first or (time.perf_counter() - begun if text else 0.0)
                rest = b"[DONE]" if b"[DONE]" in event else rest
        writer.close()
        return first

    return turn


async def _httpx(url: str, stack: AsyncExitStack) -> Turn:
    import httpx

    limits = httpx.Limits(max_connections=4096)
    client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=60, limits=limits))

    async def turn() -> float:
        begun, first, rest = time.perf_counter(), 0.0, b""
        async with client.stream("POST", url + "/v1/chat/completions", json=OPENAI_BODY) as response:
            async for chunk in response.aiter_raw():
                *whole, rest = (rest + chunk).split(b"\n\n")
                for event in whole:
                    text = _openai_text(event[6:])
                    first = first or (time.perf_counter() - begun if text else 0.0)
        return first

    return turn


def _openai_text(data: bytes) -> str | None:
    if data.startswith(b"[DONE]"):
        return None
    choices = orjson.loads(data)["choices"]
    return choices[0]["delta"].get("content") if choices else None


async def _pydantic_ai(url: str, stack: AsyncExitStack) -> Turn:
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import ModelRequest, UserPromptPart
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.settings import ModelSettings

    model = OpenAIChatModel("stub", provider=OpenAIProvider(base_url=url + "/v1", api_key="none"))
    messages: list[Any] = [ModelRequest(parts=[UserPromptPart(QUESTION)], instructions=SYSTEM)]

    async def turn() -> float:
        begun, first = time.perf_counter(), 0.0
        async with model_request_stream(model, messages, model_settings=ModelSettings(max_tokens=TOKENS)) as stream:
            async for _ in stream:
                first = first or time.perf_counter() - begun
        return first

    return turn


READERS: dict[str, Callable[[str, AsyncExitStack], Awaitable[Turn]]] = {
    "bare socket": _bare,
    "tandem openai": lambda url, stack: _tandem("openai:stub", url, stack),
    "tandem anthropic": lambda url, stack: _tandem("anthropic:stub", url, stack),
    "httpx": _httpx,
    "pydantic-ai": _pydantic_ai,
}


# --- measuring one reader, in a process of its own ---


async def _measure(name: str, url: str, turns: int, at_once: bool) -> Measured:
    async with AsyncExitStack() as stack:
        turn = await READERS[name](url, stack)
        await asyncio.gather(turn(), turn())  # imports, pools and caches are warm
        cpu, begun = time.process_time(), time.perf_counter()
        firsts = await _turns(turn, turns, CROWD_A_S if at_once else TURNS_PER_S)
        cpu, took = time.process_time() - cpu, time.perf_counter() - begun
    late = sorted(first * 1000 - FIRST_TOKEN_MS for first in firsts)
    return Measured(
        reader=name,
        turns=turns,
        at_once=at_once,
        cpu_us_a_token=round(cpu / turns / TOKENS * 1e6, 1),
        cpu_s_a_thousand_turns=round(cpu / turns * 1000, 2),
        late_ms_p50=round(statistics.median(late), 1),
        late_ms_p99=round(late[int(len(late) * 0.99)], 1),
        took_s=round(took, 1),
        rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0),
    )


async def _turns(turn: Turn, turns: int, a_second: int) -> list[float]:
    running = []
    begun = time.perf_counter()
    for n in range(turns):
        await asyncio.sleep(max(0.0, begun + n / a_second - time.perf_counter()))
        running.append(asyncio.ensure_future(turn()))
    return await asyncio.gather(*running)


# --- the whole run ---


@contextmanager
def _stub(tokens_per_piece: int) -> Iterator[str]:
    options = [f"--first-token-ms={FIRST_TOKEN_MS}", f"--tokens-per-s={TOKENS_PER_S}"]
    command = [sys.executable, "-m", "tandem.llm.stub", *options, f"--tokens-per-piece={tokens_per_piece}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def _in_process(name: str, url: str, turns: int, at_once: bool) -> Measured:
    command = [sys.executable, __file__, "--reader", name, "--url", url, "--turns", str(turns)]
    done = subprocess.run(command + ["--at-once"] * at_once, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(**json.loads(done.stdout))


def _run(turns: int, crowd: int) -> list[Measured]:
    readers = [name for name in READERS if name != "pydantic-ai" or importlib.util.find_spec("pydantic_ai")]
    with _stub(tokens_per_piece=1) as url:
        steady = [_in_process(name, url, turns, at_once=False) for name in readers]
    with _stub(tokens_per_piece=6) as url:
        crowded = [_in_process(name, url, crowd, at_once=True) for name in readers if name != "pydantic-ai"]
    return steady + crowded


HEAD = ("reader", "turns", "µs/token", "CPU-s/1k", "late p50", "late p99", "took s", "MB")


def _table(rows: list[Measured]) -> str:
    steady = [_line(row) for row in rows if not row.at_once]
    crowd = [_line(row) for row in rows if row.at_once]
    title = f"{TURNS_PER_S} turns a second, one token an event; lateness in ms"
    return "\n".join([title, _columns(HEAD), *steady, "a crowd at once, six tokens an event", _columns(HEAD), *crowd])


def _line(row: Measured) -> str:
    cost = (row.cpu_us_a_token, row.cpu_s_a_thousand_turns)
    return _columns((row.reader, row.turns, *cost, row.late_ms_p50, row.late_ms_p99, row.took_s, round(row.rss_mb)))


def _columns(cells: tuple[object, ...]) -> str:
    return f"{cells[0]:<18}" + "".join(f"{cell:>10}" for cell in cells[1:])


def _write(rows: list[Measured]) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True, check=False)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    result = {"bench": "provider", "machine": machine, "commit": commit.stdout.strip()}
    path = Path(__file__).parent / "results" / "provider.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result | {"rows": [asdict(row) for row in rows]}, indent=1) + "\n")


def main() -> None:
    """Measures all readers, or with --reader one of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--crowd", type=int, default=2000)
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--at-once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65_536), hard))
    if options.reader:
        print(json.dumps(asdict(uvloop.run(_measure(options.reader, options.url, options.turns, options.at_once)))))
        return
    rows = _run(options.turns, options.crowd)
    print(_table(rows))
    _write(rows)


if __name__ == "__main__":
    main()
