"""The project's own Python environment in `.venv`: exactly what the lock file says, checked by hash.

`uv` does the work, itself taken from the registry by pip with a pinned hash. A stamp inside the environment says
which lock it holds, so that a warm start costs one small read.
"""

import configparser
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tools import machine
from tools.say import ROOT, Stuck, doing, run

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMP = VENV / "tandem-stamp.json"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


def is_ready(kind: str) -> bool:
    """Whether the environment already holds the lock of this kind; the development lock holds the other one too."""
    held = _held()
    return held == _wanted(kind) or held == _wanted("dev")


def get_uv() -> None:
    """Make an empty environment with the pinned `uv` in it, unless there is one from this very folder."""
    if UV.exists() and PYTHON.exists() and _held().get("root") in (None, str(ROOT)):
        return
    doing("making the Python environment")
    shutil.rmtree(VENV, ignore_errors=True)
    run(
        [sys.executable, "-m", "venv", "--without-pip", VENV],
        failing="Python's venv module does not work here; `apt install python3-venv` brings it.",
    )
    _install_uv()


def fill(kind: str) -> None:
    """Bring the environment to the lock of this kind (`run` or `dev`), with Tandem itself installed as editable."""
    if _held().get("kind") == "dev":
        kind = "dev"  # never take a developer's tools away
    doing("installing the Python packages")
    offline = "The Python packages could not be installed; the first start needs a network or a filled cache."
    run([UV, "pip", "sync", "-q", "--require-hashes", "--python", PYTHON, LOCKS[kind]], failing=offline, env=uv_env())
    run(
        [UV, "pip", "install", "-q", "--no-deps", "--offline", "--python", PYTHON, "--editable", "."],
        failing="Tandem itself could not be installed into its environment.",
        env=uv_env(),
    )
    STAMP.write_text(json.dumps(_wanted(kind)))


def uv_env() -> dict[str, str]:
    """The environment for `uv`, which does not read pip's settings: a mirror or certificate set there counts too."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    index, certificate = _pip_setting("index-url"), _pip_setting("cert")
    if index and "UV_INDEX_URL" not in env:
        env.setdefault("UV_DEFAULT_INDEX", index)
    if certificate:
        env.setdefault("SSL_CERT_FILE", certificate)
    return env


def _wanted(kind: str) -> dict[str, str]:
    content = hashlib.sha256()
    for path in (LOCKS[kind], ROOT / "pyproject.toml", ROOT / "tools" / "requirements-uv.lock"):
        content.update(path.read_bytes())
    return {"kind": kind, "lock": content.hexdigest(), "root": str(ROOT)}


def _held() -> dict[str, str]:
    try:
        held: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return held if PYTHON.exists() else {}


def _install_uv() -> None:
    wanted = ["install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", "tools/requirements-uv.lock"]
    if _works([sys.executable, "-m", "pip", "--python", str(PYTHON), "--version"]):
        pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    else:
        _get_pip()
        pip = [str(PYTHON), "-m", "pip"]
    run([*pip, *wanted], failing="uv could not be installed; the first start needs a network or a filled cache.")


def _get_pip() -> None:
    """Bring pip into the environment; Debian keeps the module that does it in a package of its own."""
    if _works([str(PYTHON), "-m", "ensurepip"]):
        return
    version = ".".join(platform.python_version_tuple()[:2])
    if not machine.can_install():
        raise Stuck(f"This Python comes without pip: run `apt install python{version}-venv`, then try again.")
    machine.install("python3-venv")
    if not _works([str(PYTHON), "-m", "ensurepip"]):
        raise Stuck(f"This Python still comes without pip: run `apt install python{version}-venv`, then try again.")


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def _pip_setting(name: str) -> str | None:
    from_env = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if from_env:
        return from_env
    settings = configparser.RawConfigParser()
    home = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    settings.read(["/etc/pip.conf", Path.home() / ".pip" / "pip.conf", home / "pip" / "pip.conf"])
    return settings.get("global", name, fallback="").strip("'\" ") or None
