"""The whole of Tandem as processes that can be killed: its database under its supervisor, two sites, a worker, a stub model.

Everything is durable here, as it is for an operator: no setting of PostgreSQL is turned down. Knows nothing about what
is written meanwhile or how it is checked.
"""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tandem.db import embedded
from tandem.db.embedded import places
from tests.conftest import free_port

READY_S = 180.0
"""How long a start may take: 2 s on an idle machine, and 15 more for the first, which learns the starter classifier."""


@dataclass(slots=True)
class Program:
    """One process and how it is started again."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself or by us."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Tell it something, if it still lives."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9, and wait for its end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self, seconds: float = 120) -> float:
        """SIGTERM; the seconds it took. Raises subprocess.TimeoutExpired."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        assert self.process is not None
        self.process.wait(seconds)
        return time.monotonic() - began


@dataclass(slots=True)
class Site(Program):
    """An API process."""

    url: str = ""
    failed_starts: int = 0

    def is_ready(self) -> bool:
        """Whether it serves, and its database answers."""
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=20) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    async def ready(self, seconds: float = READY_S) -> float:
        """Wait until it serves, starting it again if its start failed; the seconds it took. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(self.is_ready):
                if not self.is_running:
                    self.failed_starts += 1
                    self.start()
                await asyncio.sleep(0.03)
        return time.monotonic() - began


@dataclass(slots=True)
class Plant:
    """All of them on one data folder."""

    data_dir: Path
    sites: list[Site]
    worker: Program
    models: dict[str, str]
    """The stub models' addresses: `quick` begins to answer after 150 ms, `slow` after 2.5 s."""
    tenant: dict[str, Any] = field(default_factory=dict)

    @property
    def superuser_url(self) -> str:
        """The database as somebody who may see everything."""
        return embedded.ensure(self.data_dir).owner_url

    @property
    def postmaster(self) -> int | None:
        """The database server's process id, None while there is none."""
        return _number_in(places.of(self.data_dir).cluster / "postmaster.pid", b"postgres")

    @property
    def supervisor(self) -> int | None:
        """Its supervisor's, None while there is none."""
        return _number_in(places.of(self.data_dir).supervisor_lock, b"tandem.db.embedded")

    def kill_database(self) -> bool:
        """kill -9 the server; False when it is not there just now. Its supervisor starts it anew."""
        return _kill(self.postmaster)

    def kill_supervisor(self) -> bool:
        """kill -9 the supervisor; False when it is not there just now. A site starts it anew."""
        return _kill(self.supervisor)

    def begin(self, site: Site, *, model: str | None, fault: str | None = None) -> None:
        """Start a site, with one of the stub models or without; with a planted fault if one is named."""
        model_env = {"TANDEM_MODEL": "openai:stub", "TANDEM_MODEL_BASE_URL": self.models[model]} if model else {}
        site.env = {**_environment(self.data_dir), **model_env}
        program = ["-m", "tests.controls.planted", fault] if fault else ["-m", "tandem.cli"]
        port = site.url.rpartition(":")[2]
        site.command = [sys.executable, *program, "serve", "--port", port]
        site.start()

    async def begin_all(self, *, model: str | None = None, fault: str | None = None, worker: bool = True) -> None:
        """Start whatever is not running, and wait until it serves."""
        for site in self.sites:
            if not site.is_running:
                self.begin(site, model=model, fault=fault)
        if worker and not self.worker.is_running:
            self.worker.start()
        await asyncio.gather(*(site.ready() for site in self.sites))

    def move_in(self) -> None:
        """A new tenant, of whom nobody has heard: histories are checked tenant by tenant."""
        email = f"ann@{secrets.token_hex(4)}.example"
        command = [sys.executable, "-m", "tandem.cli", "tenant", "create", "Crash", "--json", "--admin-email", email]
        made = subprocess.run(command, env=_environment(self.data_dir), capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        self.tenant = json.loads(made.stdout)

    def end_all(self) -> None:
        """Kill sites and worker."""
        for program in (*self.sites, self.worker):
            program.kill()


@contextmanager
def stand(folder: Path) -> Iterator[Plant]:
    """A plant with a tenant, its database up and nothing else started; everything of it is gone at the end."""
    data_dir = folder / "data"
    data_dir.mkdir(parents=True)
    stubs = {
        name: Program(name, _stub(first_token_ms), _environment(data_dir), folder / f"{name} model.log")
        for name, first_token_ms in (("quick", 150), ("slow", 2500))
    }
    env = _environment(data_dir)
    worker = Program("worker", [sys.executable, "-m", "tandem.cli", "worker"], env, folder / "worker.log")
    sites = [
        Site(name, [], env, folder / f"{name}.log", url=f"http://127.0.0.1:{free_port()}")
        for name in ("site a", "site b")
    ]
    with embedded.hold(data_dir):
        embedded.ensure(data_dir)
        for stub in stubs.values():
            stub.start()
        plant = Plant(data_dir, sites, worker, {name: _first_line(stub.log) for name, stub in stubs.items()})
        try:
            plant.move_in()
            yield plant
        finally:
            plant.end_all()
            for stub in stubs.values():
                stub.kill()
    embedded.stop(data_dir)


def tail(log: Path, lines: int = 30) -> str:
    """The end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    ours = {"TANDEM_DATA_DIR": str(data_dir), "TANDEM_RATE_LIMITS": "off", "TANDEM_OUTGOING_ALLOW": "127.0.0.1"}
    return {**kept, **ours, "TANDEM_FORBID_REAL_MODELS": "1"}


def _stub(first_token_ms: int) -> list[str]:
    return [sys.executable, "-m", "tandem.llm.stub", "--first-token-ms", str(first_token_ms)]


def _number_in(path: Path, program: bytes) -> int | None:
    """The process id that a file begins with, if such a process of that program lives."""
    try:
        pid = int(path.read_text().split()[0])
        return pid if program in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError, IndexError):
        return None


def _kill(pid: int | None) -> bool:
    if pid is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _first_line(log: Path) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if log.exists() and "\n" in (text := log.read_text()):
            return text.splitlines()[0]
        time.sleep(0.02)
    raise AssertionError("the stub model did not start")
