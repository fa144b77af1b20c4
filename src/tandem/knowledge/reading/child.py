"""The process that opens a stranger's file. Started by `parent`, reads one file from stdin, answers in JSON.

Order matters: limits first, then the imports this kind of file needs, then every door is shut, and only
then are the bytes parsed. Knows nothing about the database, tenants or settings and imports none of them.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from tandem.errors import Problem
from tandem.knowledge.reading import lockdown
from tandem.knowledge.reading.document import Format, Limits
from tandem.knowledge.reading.errors import UnsafeFile

TOO_DEEP = "This file is nested deeper than any document would be."


def main() -> None:
    """Answer one request and leave without running anybody's exit code."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**request["limits"])
    lockdown.limit(limits)
    try:
        answer = _answer(request, sys.stdin.buffer.read(), limits)
    except Problem as problem:
        answer = {"problem": problem.code, "detail": problem.detail}
    except RecursionError:
        answer = {"problem": UnsafeFile.code, "detail": TOO_DEEP}
    except MemoryError:
        answer = {"problem": "memory"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    sys.stdout.buffer.flush()
    os._exit(0)


def _answer(request: dict[str, Any], data: bytes, limits: Limits) -> dict[str, Any]:
    from tandem.knowledge.reading import parsing

    parsing.prepare(data)
    lockdown.shut()
    declared = Format(request["declared"]) if request["declared"] else None
    document = parsing.parse(data, name=request["name"], declared=declared, limits=limits)
    return asdict(document)


if __name__ == "__main__":
    main()
