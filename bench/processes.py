"""What processes use, read from /proc: processor seconds and memory of a program with its children. Linux only."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds, and bytes of memory now (resident, of the program alone)."""

    cpu_s: float
    rss: int

    def __sub__(self, earlier: "Usage") -> "Usage":
        return Usage(self.cpu_s - earlier.cpu_s, self.rss - earlier.rss)


def usage(pid: int) -> Usage:
    """Of a process, with the children it has or had. Raises FileNotFoundError when there is no such process."""
    fields = _stat(pid)
    spent = sum(int(fields[i]) for i in (11, 12, 13, 14))  # utime, stime, and of children that ended
    spent += sum(_own(child) for child in children(pid))
    return Usage(spent / TICKS, int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE)


def children(pid: int) -> list[int]:
    """The processes that this one started and that still run."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _own(pid: int) -> int:
    try:
        fields = _stat(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
