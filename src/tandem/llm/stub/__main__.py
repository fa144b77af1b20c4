"""`python -m tandem.llm.stub`: the stub provider as a process of its own. Prints its address, serves until stopped."""

import argparse
import asyncio
import resource
import signal

import uvloop

from tandem.llm.stub.behaviours import Behaviour
from tandem.llm.stub.server import Pace, Stub


def main() -> None:
    """Reads the options and serves until SIGINT or SIGTERM."""
    options = _options()
    _raise_file_limit()
    pace = Pace(
        first_token_ms=options.first_token_ms,
        tokens_per_s=options.tokens_per_s,
        tokens_per_piece=options.tokens_per_piece,
        slow_first_token_ms=options.slow_first_token_ms,
        slow_gap_ms=options.slow_gap_ms,
    )
    uvloop.run(_serve(Stub(Behaviour(options.behaviour), pace, options.port)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tandem.llm.stub", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--first-token-ms", type=int, default=400)
    parser.add_argument("--tokens-per-s", type=float, default=60, help="0 writes at once")
    parser.add_argument("--tokens-per-piece", type=int, default=1, help="tokens in one event")
    parser.add_argument("--slow-first-token-ms", type=int, default=10_000)
    parser.add_argument("--slow-gap-ms", type=int, default=3_000)
    parser.add_argument("--behaviour", choices=[each.value for each in Behaviour], default=Behaviour.GOOD.value)
    return parser.parse_args()


def _raise_file_limit() -> None:
    """Thousands of streams need as many sockets; the soft limit is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(65_536, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(stub: Stub) -> None:
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    async with stub:
        print(stub.url, flush=True)
        await stopped.wait()


if __name__ == "__main__":
    main()
