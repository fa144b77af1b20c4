"""What only the machine's own package manager can give: a browser and Redis for the tests, pip on a bare Debian.

Installs with apt-get as root on Debian and its children, and nowhere else: other machines are their owner's.
"""

import os
import shutil
from pathlib import Path

from tools.say import Stuck, doing, run

SHELL = "chromium-headless-shell"
"""Chromium without windows: a page of a story costs 0.15 s of a core, with a whole Chromium 0.9 s."""

BROWSERS = (SHELL, "chromium", "chromium-browser", "google-chrome")
_lists_are_fresh = False


def can_install() -> bool:
    """Whether packages may be installed here without asking: root, with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install Debian packages by name. Raises `Stuck` when apt-get cannot."""
    global _lists_are_fresh
    doing(f"installing {', '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failing = f"apt-get could not install {', '.join(packages)}."
    if not _lists_are_fresh:
        run(["apt-get", "-q", "update"], failing=failing, env=env)
        _lists_are_fresh = True
    run(["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages], failing=failing, env=env)


def get_browser(python: Path) -> None:
    """Make sure the tests find a browser: one on PATH, Debian's Chromium, or Playwright's own."""
    if any(shutil.which(name) for name in BROWSERS) or _playwright_has_one():
        return
    if can_install() and _debian():  # Ubuntu's chromium package is only a pointer to a snap
        install(SHELL)
        return
    doing("fetching a browser for the tests")
    complete = ["--with-deps"] if can_install() else []
    run(
        [python, "-m", "playwright", "install", *complete, "chromium"],
        failing="The tests need a browser: install chromium, or run `.venv/bin/playwright install chromium`.",
    )


def get_redis() -> None:
    """Make sure the tests find redis-server. Raises `Stuck` with the sentence that says how."""
    if shutil.which("redis-server"):
        return
    if not can_install():
        raise Stuck("The tests need redis-server on PATH: install it (`apt install redis-server`), then try again.")
    install("redis-server")


def _debian() -> bool:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in lines


def _playwright_has_one() -> bool:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    return any(cache.glob("chromium-*/INSTALLATION_COMPLETE"))
