"""A Git repository of Markdown and other files: its newest commit, fetched over HTTPS, or from a folder of this machine.

Git runs as a program of its own and cannot use the guarded client; it is given the address that the guard has checked, and
may neither follow a redirect, use a proxy or another protocol, nor run anything. Nothing is checked out: files are read
from the repository's own store, so that no name of a file becomes a path of this machine.
"""

import asyncio
import base64
import os
import re
import resource
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pydantic

from tandem.errors import Problem
from tandem.knowledge.sources import files, folder, listing
from tandem.knowledge.sources.listing import (
    Content,
    Failed,
    Item,
    Page,
    Position,
    Reach,
    SourceMisset,
)
from tandem.outgoing import AnswerTooLarge, RefusedByServer, Unreachable, urls
from tandem.outgoing.addresses import Address

SECONDS = 300.0
MOST_BYTES = 1024**3
"""The largest file that Git may write: the whole newest commit, packed."""

OLDEST = (2, 37)
"""From this version on Git takes the address to connect to (http.curloptResolve)."""

BATCH = 100
ENTRY = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40,64}) +(-|\d+)\t(.+)", re.S)
REGULAR = (b"100644", b"100755")
PAGES = {"github.com": "/blob/", "gitlab.com": "/-/blob/"}
"""Where these show a file, below the repository's address."""


class Settings(listing.Settings):
    """`url`: https://…, or a folder of this machine; `branch`: none for the repository's own; `folder`: only below it. The
    secret is an access token."""

    url: str = pydantic.Field(min_length=1, max_length=2000)
    branch: str = pydantic.Field(default="", max_length=200, pattern=r"^([\w][\w./-]*)?$")
    folder: str = pydantic.Field(default="", max_length=500)

    @pydantic.field_validator("url")
    @classmethod
    def _is_one(cls, value: str) -> str:
        if value.startswith("/"):
            return value
        try:
            return urls.read(value.strip()).text
        except Problem as problem:
            raise ValueError(problem.detail) from None


@dataclass(frozen=True, slots=True)
class Blob:
    """A file in the repository's store."""

    sha: str
    size: int


class Git:
    """Fetched anew for each slice of a run: one commit deep, which is little."""

    def __init__(self, settings: Settings, reach: Reach) -> None:
        self._settings = settings
        self._reach = reach
        self._store = reach.room / "repository.git"
        self._after = ""

    async def pages(self, position: Position | None) -> AsyncGenerator[Page, None]:
        """See `Connector`."""
        self._after = position["after"] if position else ""
        await self._fetch()
        found, failed = _entries(await self._git("ls-tree", "-r", "-z", "-l", "HEAD"), self._settings.folder)
        if failed:
            yield Page(failed=tuple(failed))
        rest = sorted(key for key in found if key > self._after)
        for begin in range(0, len(rest), BATCH):
            batch = rest[begin : begin + BATCH]
            self._after = batch[-1]
            yield Page(tuple(Item(key, self._page(key), found[key].sha, raw=found[key]) for key in batch))

    def position(self) -> Position:
        """See `Connector`."""
        return {"after": self._after}

    async def content(self, item: Item) -> Content:
        """See `Connector`."""
        files.refuse_too_large(item.raw.size)
        return files.content(item.key, await self._git("cat-file", "blob", item.raw.sha), item.url)

    def _page(self, key: str) -> str | None:
        """Where people read the file."""
        if self._settings.url.startswith("/"):
            return None
        target = urls.read(self._settings.url)
        if target.host not in PAGES:
            return None
        branch = self._settings.branch or "HEAD"
        return target.text.rstrip("/").removesuffix(".git") + PAGES[target.host] + quote(f"{branch}/{key}")

    async def _fetch(self) -> None:
        """The newest commit in an empty store of our own."""
        await _require_version(self._reach.room)
        options, address, secret = await self._way()
        branch = ["--branch", self._settings.branch] if self._settings.branch else []
        await _run(
            self._reach.room,
            *(*options, "clone", "-q", "--bare", "--depth", "1", "--single-branch", "--no-tags", "--template="),
            *(*branch, "--", address, str(self._store)),
            secret=secret,
        )

    async def _way(self) -> tuple[list[str], str, tuple[str, str] | None]:
        """How Git gets there: what it is told, the address, and the header with the secret."""
        shut = ["protocol.allow=never", "http.followRedirects=false", "http.proxy=", "credential.helper="]
        shut += [
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "submodule.recurse=false",
            "transfer.bundleURI=false",
        ]
        if self._settings.url.startswith("/"):
            path = folder.inside(self._settings.url, self._reach.folders)
            return _said([*shut, "protocol.file.allow=always", f"safe.directory={path}"]), f"file://{path}", None
        target, addresses = await self._reach.patient.client.addresses(
            self._settings.url, secret=bool(self._reach.secret)
        )
        shut.append(f"protocol.{target.scheme}.allow=always")
        if target.literal is None:
            shut.append(f"http.curloptResolve={target.host}:{target.port}:{','.join(map(_bracketed, addresses))}")
        token = self._reach.secret
        if not token:
            return _said(shut), target.text, None
        login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        origin = urls.join(target, "/").text
        return _said(shut), target.text, (f"http.{origin}.extraHeader", f"Authorization: Basic {login}")

    async def _git(self, *command: str) -> bytes:
        return await _run(self._reach.room, "--git-dir", str(self._store), *command)


def _bracketed(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


def _said(settings: list[str]) -> list[str]:
    return [part for setting in settings for part in ("-c", setting)]


def _entries(listed: bytes, below: str) -> tuple[dict[str, Blob], list[Failed]]:
    """The files of kinds that Tandem reads, by path; those whose names are no text."""
    prefix = below.strip("/") + "/" if below.strip("/") else ""
    found, failed = dict[str, Blob](), list[Failed]()
    for line in listed.split(b"\0"):
        entry = ENTRY.fullmatch(line)
        if entry is None or entry[1] not in REGULAR or entry[2] != b"blob":
            continue
        name = entry[5].decode("utf-8", "replace")
        if not name.startswith(prefix) or not files.is_known(name.removeprefix(prefix)):
            continue
        if "\ufffd" in name or not name.isprintable():
            shown = "".join(c if c.isprintable() else "?" for c in name)
            failed.append(Failed(shown, "Its name is not text."))
            continue
        found[name] = Blob(entry[3].decode(), int(entry[4]) if entry[4] != b"-" else 0)
    return found, failed


async def _require_version(room: Path) -> None:
    said = re.search(rb"(\d+)\.(\d+)", await _run(room, "version"))
    if said is None or (int(said[1]), int(said[2])) < OLDEST:
        raise SourceMisset(f"Git {OLDEST[0]}.{OLDEST[1]} or newer is needed on this machine.")


async def _run(room: Path, *command: str, secret: tuple[str, str] | None = None) -> bytes:
    """What a Git command printed. Its surroundings are empty, and the secret is not among its arguments."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(room),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CEILING_DIRECTORIES": str(room),
    }
    environment |= {name: os.environ[name] for name in ("SSL_CERT_FILE", "GIT_SSL_CAINFO") if name in os.environ}
    if secret is not None:
        environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": secret[0], "GIT_CONFIG_VALUE_0": secret[1]}
    try:
        process = await asyncio.create_subprocess_exec(
            "git", *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment, cwd=room,
            start_new_session=True, preexec_fn=_limit,
        )  # fmt: skip
    except FileNotFoundError:
        raise SourceMisset("Git is not installed on this machine.") from None
    try:
        async with asyncio.timeout(SECONDS):
            out, said = await process.communicate()
    except TimeoutError:
        raise Unreachable(f"The repository was not fetched within {SECONDS:g} seconds.") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise _problem(said.decode("utf-8", "replace"))
    return out


def _limit() -> None:
    """In the child before it begins."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _problem(said: str) -> Problem:
    """What Git complains about, for an admin; its own words may hold addresses and are not repeated."""
    low = said.lower()
    status = int(found[1]) if (found := re.search(r"returned error: (\d{3})", low)) else 0
    if status in (401, 403) or "authentication failed" in low or "could not read username" in low:
        return RefusedByServer("The repository does not accept the secret, or wants one.", answered=401)
    if "remote branch" in low and "not found" in low:
        return SourceMisset("The repository has no such branch.")
    if (
        status == 404
        or "not found" in low
        or "does not appear to be a git repository" in low
        or "does not exist" in low
    ):
        return SourceMisset("There is no repository at this address.")
    if 300 <= status < 400 or "redirect" in low:
        return SourceMisset("The address redirects. Use the one that it leads to.")
    if "file size limit" in low or "file too large" in low:
        return AnswerTooLarge(f"The newest commit has more than {MOST_BYTES // 1024**3} GB.")
    return Unreachable("Git could not fetch the repository.")
