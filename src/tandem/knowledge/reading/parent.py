"""The safe side of a reading: start a child process, feed it the file, take its answer or kill it.

Knows nothing about formats: it never looks into the bytes. One child reads one file and dies.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import tandem
from tandem.knowledge.reading.document import DEFAULT, Format, Limits, ReadDocument
from tandem.knowledge.reading.errors import (
    KINDS,
    FileTooLarge,
    TookTooLong,
    Unreadable,
    UnsafeFile,
)

CHILD = "tandem.knowledge.reading.child"

T = TypeVar("T")

TOO_SLOW = "Reading this file took longer than {0:g} seconds and was stopped."
TOO_MUCH_TEXT = "This file holds more than {0:g} MB of text. Split it into several files."
DIED = "This file is damaged in a way that stopped the reader."
TOO_HUNGRY = "Opening this file needs more memory than a document should."

ENVELOPE_BYTES = 65_536
"""What the answer's JSON may add around the text: title, front matter, brackets."""


async def read(data: bytes, *, name: str, declared: Format | None = None, limits: Limits = DEFAULT) -> ReadDocument:
    """Read a file into Markdown inside a child process that is killed when it goes over a limit.

    `name` is only a hint (and never a path that is opened); `declared` is what the sender said the
    format is, and a file that is something else is refused. Takes 60-200 ms for an ordinary article.
    Raises FileTooLarge, Unreadable, NeedsOcr, TookTooLong or UnsafeFile.
    """
    if len(data) > limits.file_bytes:
        raise FileTooLarge(f"This file is larger than {limits.file_bytes / 1e6:g} MB.")
    request = {"name": name[-255:], "declared": declared, "limits": asdict(limits)}
    child = await _start()
    try:
        async with asyncio.timeout(limits.wall_seconds):
            answer = await _exchange(child, json.dumps(request).encode() + b"\n", data, limits)
            status = await child.wait()
    except TimeoutError:
        raise TookTooLong(TOO_SLOW.format(limits.wall_seconds)) from None
    finally:
        await _end(child)
    return _understand(answer, status, limits)


async def _start() -> Process:
    """A fresh interpreter in its own session, with none of our environment, secrets or open files."""
    root = str(Path(tandem.__file__).parent.parent)
    environment = {"PYTHONPATH": root, "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-s", "-m", CHILD),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
        close_fds=True,
    )


async def _exchange(child: Process, header: bytes, data: bytes, limits: Limits) -> bytes:
    """Send the file, receive the answer, both at once, and stop at the size an answer may have."""
    feeding = asyncio.create_task(_feed(_pipe(child.stdin), header, data))
    answers = _pipe(child.stdout)
    try:
        most = limits.text_bytes + ENVELOPE_BYTES
        answer = bytearray()
        while part := await answers.read(65_536):
            answer += part
            if len(answer) > most:
                raise FileTooLarge(TOO_MUCH_TEXT.format(limits.text_bytes / 1e6))
        return bytes(answer)
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


def _pipe(end: T | None) -> T:
    """A pipe we asked for is there."""
    if end is None:
        raise RuntimeError("the child was started without its pipes")
    return end


async def _feed(stdin: asyncio.StreamWriter, header: bytes, data: bytes) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # the child may refuse early and be gone
        stdin.write(header)
        stdin.write(data)
        await stdin.drain()
        stdin.close()


async def _end(child: Process) -> None:
    """Nobody of the child's session survives this, however we got here."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    if child.stdin:
        child.stdin.close()
    await asyncio.shield(child.wait())


def _understand(answer: bytes, status: int, limits: Limits) -> ReadDocument:
    """Turn what the child said, or how it died, into a document or a problem."""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        raise TookTooLong(TOO_SLOW.format(limits.cpu_seconds))
    try:
        told: dict[str, Any] = json.loads(answer)
    except ValueError:
        raise Unreadable(DIED, status=status) from None
    if told.get("problem") == "memory":
        raise UnsafeFile(TOO_HUNGRY)
    if "problem" in told:
        raise KINDS.get(told["problem"], Unreadable)(told["detail"])
    return ReadDocument(**{**told, "format": Format(told["format"])})
