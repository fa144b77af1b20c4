"""Processes that start in a third of the time: forked from one that has imported Tandem already, and otherwise the same.

`python -m tests.crash.forking` reads one JSON object a line: {"module", "argv", "env", "log"}; it answers with the process id.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.plant import Plant, Program, Site


@dataclass(slots=True)
class Nursery:
    """The process that has imported everything."""

    process: subprocess.Popen[str]

    def fork(self, command: Sequence[str], env: dict[str, str], log: Path) -> int:
        """Start `[python, "-m", module, *argv]`; its process id."""
        order = {"module": command[2], "argv": command[3:], "env": env, "log": str(log)}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """For the length of the block."""
    command = [sys.executable, "-m", "tests.crash.forking"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Nursery(process)
    finally:
        process.kill()
        process.wait()


@dataclass(slots=True)
class Forked(Program):
    """A program whose process is forked."""

    nursery: Nursery | None = None
    forked: int = 0

    def start(self) -> None:
        """Start it; returns at once."""
        self.forked = _start(self)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.forked

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself or by us."""
        return bool(self.forked) and Path(f"/proc/{self.forked}").exists()

    def kill(self) -> None:
        """kill -9, and wait for its end."""
        _kill(self.forked)


@dataclass(slots=True)
class ForkedSite(Site):
    """An API process that is forked."""

    nursery: Nursery | None = None
    forked: int = 0

    def start(self) -> None:
        """Start it; returns at once."""
        self.forked = _start(self)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.forked

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself or by us."""
        return bool(self.forked) and Path(f"/proc/{self.forked}").exists()

    def kill(self) -> None:
        """kill -9, and wait for its end."""
        _kill(self.forked)


@contextmanager
def forked(standing: Plant) -> Iterator[Plant]:
    """The same plant with processes that start fast; a plant that has them is left as it is."""
    if isinstance(standing.worker, Forked):
        yield standing
        return
    with nursery() as mother:
        sites = [ForkedSite(site.name, [], site.env, site.log, url=site.url, nursery=mother) for site in standing.sites]
        worker = standing.worker
        quick = Forked(worker.name, worker.command, worker.env, worker.log, nursery=mother)
        plant = Plant(standing.data_dir, list(sites), quick, standing.models, standing.tenant)
        try:
            yield plant
        finally:
            plant.end_all()


def _start(program: Forked | ForkedSite) -> int:
    assert program.nursery is not None
    return program.nursery.fork(program.command, program.env, program.log)


def _kill(pid: int) -> None:
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.005)


# ------------------------------------------------------------------ the nursery's own process


def main() -> None:
    """Import, then fork whatever is ordered until nobody orders any more."""
    from tandem import cli
    from tests.controls import planted

    for name in ("tandem.app", "tandem.worker", "uvicorn", "uvloop"):
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            _become(order)
            argv = order["argv"]
            if order["module"] == "tests.controls.planted":
                planted.FAULTS[argv.pop(0)]()
            cli.main(argv)
        print(pid, flush=True)


def _become(order: dict[str, Any]) -> None:
    """Environment, output and signals as if it had been started by itself."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order["env"])
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


if __name__ == "__main__":
    main()
