"""How the set-up talks: one line for each thing that takes time, and one sentence when it cannot go on."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"


class Stuck(Exception):
    """The set-up cannot go on. The message is one sentence that says what the reader can do."""


def doing(what: str) -> None:
    """Print one line about work that begins now."""
    print(f"· {what}", file=sys.stderr, flush=True)


def run(
    command: Sequence[str | Path],
    *,
    failing: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command silently; raise `Stuck(failing)` with what it printed, shortened, when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        said = [line for line in done.stdout.strip().splitlines() if not line.lstrip().startswith("at ")]  # no stacks
        shown = said if len(said) <= 24 else [*said[:10], "...", *said[-12:]]
        raise Stuck("\n".join([failing, *shown]))
