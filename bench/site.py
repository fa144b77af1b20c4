"""A real Tandem on a fresh data folder: the demo seeded and read in, `tandem serve` and `tandem worker` as processes."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench import processes
from tandem.db import embedded, migrate

START_S = 90
READ_IN_S = 120


@dataclass(frozen=True, slots=True)
class Site:
    """A running site. `postgres` is the server's first process."""

    port: int
    api: int
    worker: int
    postgres: int
    data_dir: Path

    def used(self) -> tuple[processes.Usage, processes.Usage]:
        """What the API and PostgreSQL have used so far."""
        return processes.usage(self.api), processes.usage(self.postgres)

    def post(self, path: str, body: dict[str, Any], token: str = "") -> Any:
        """One JSON request."""
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return json.load(response)

    def sessions(self, count: int) -> list[str]:
        """So many anonymous customers of the demo shop, by their tokens."""
        key = json.loads((self.data_dir / "demo.json").read_text())["acme"]["widget_key"]
        return [self.post("/v1/widget/session", {"widget_key": key})["token"] for _ in range(count)]

    def chat(self, token: str, text: str) -> str:
        """Ask something in a new conversation and hear the answer out; the conversation's id."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        body = json.dumps({"message": text}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/chat", body, headers)
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            found = re.search(r"cnv_\w+", response.read().decode())
        assert found is not None
        return found[0]


def prepare(data_dir: Path) -> None:
    """Seed the demo and wait until all of it answers."""
    environment = _environment(data_dir, {})
    subprocess.run(_tandem("demo"), env=environment, check=True, stdout=subprocess.DEVNULL)
    with embedded.hold(data_dir), _running("worker", environment):
        url = embedded.ensure(data_dir).url(migrate.OWNER_ROLE)
        until = time.monotonic() + READ_IN_S
        with psycopg.connect(url, autocommit=True) as connection:
            while connection.execute("select count(*) from documents where status <> 'ready'").fetchone() != (0,):
                assert time.monotonic() < until, "the demo was not read in"
                time.sleep(0.2)


@contextmanager
def running(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Serve a prepared folder, with the worker beside it, as `tandem run` does; limits are off."""
    port = free_port()
    environment = _environment(data_dir, {"TANDEM_PORT": str(port), "TANDEM_RATE_LIMITS": "off", **(settings or {})})
    with ExitStack() as stack:
        stack.enter_context(embedded.hold(data_dir))
        embedded.ensure(data_dir)
        api = stack.enter_context(_running("serve", environment))
        worker = stack.enter_context(_running("worker", environment))
        wait_for(port, "/healthz")
        yield Site(
            port, api.pid, worker.pid, int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]), data_dir
        )


@contextmanager
def _running(command: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(_tandem(command), env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _tandem(command: str) -> list[str]:
    return [sys.executable, "-m", "tandem.cli", command]


def _environment(data_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the caller's own TANDEM settings counts here."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    return inherited | {"TANDEM_DATA_DIR": str(data_dir), "TANDEM_LOG_LEVEL": "warning", **settings}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> None:
    """Until this address answers. Raises TimeoutError."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")
