"""Which test comes when: what takes longest is dealt out first, so that nobody sits alone with it at the end.

`pytest-xdist --dist worksteal` gives each process an equal run of the tests, in order, and whoever has finished takes from
the end of another's. So each run begins with its share of the long files, and ends with short tests, which are easily given
away. A file stays together: its site and its folders are made once. Knows nothing about what is in the tests.
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Protocol, TypeVar

LONG = (
    "answering/misbehaving/test_misbehaving.py",
    "crash/test_killing.py",
    "stories/test_actions_page.py",
    "controls/test_controls_crash.py",
    "stories/test_states.py",
    "controls/test_controls_misbehaving.py",
    "crash/test_stopping.py",
    "stories/test_refund.py",
    "conversations/test_talking.py",
    "actions/test_adversary.py",
    "db/test_embedded.py",
    "knowledge/hostile/test_hostile.py",
    "crash/test_acting.py",
    "actions/test_ledger.py",
    "crash/test_meeting.py",
    "stories/test_modes.py",
    "stories/test_handoff.py",
    "knowledge/test_ingest.py",
    "controls/test_controls_queue.py",
    "controls/test_controls_machine.py",
    "controls/test_controls_ingest.py",
    "stories/test_teams.py",
    "crash/test_holding.py",
    "stories/test_knowledge.py",
    "web/test_doors.py",
    "stories/test_rules.py",
    "stories/test_knowledge_sources.py",
    "stories/test_confidence.py",
    "web/test_odd_input.py",
    "web/test_probe.py",
    "stories/test_knowledge_release.py",
    "stories/test_knowledge_care.py",
    "stories/test_knowledge_learning.py",
    "demo/test_golden.py",
    "stories/test_interrupted.py",
)
"""Files that take 12 s or more on two idle cores, the longest first (`pytest --durations=0` tells)."""


class Test(Protocol):
    """What pytest calls an item."""

    @property
    def path(self) -> PurePath:
        """Its file."""


T = TypeVar("T", bound=Test)


def dealt(tests: Sequence[T], hands: int) -> list[T]:
    """The same tests, such that each of `hands` equal runs begins with its share of the long files."""
    files = [list(found) for _, found in groupby(tests, key=lambda test: test.path)]
    long = sorted((file for file in files if _rank(file) < len(LONG)), key=_rank)
    runs: list[list[T]] = [[] for _ in range(hands)]
    for number, file in enumerate(long):
        round, place = divmod(number, hands)
        runs[place if round % 2 == 0 else hands - 1 - place] += (
            file  # back and forth, so that nobody always gets the longer
        )
    short = [test for file in files if _rank(file) == len(LONG) for test in file]
    left = len(tests)
    for number, run in enumerate(runs):
        wanted = left // (hands - number) - len(run)
        run += short[: max(0, wanted)]
        del short[: max(0, wanted)]
        left -= len(run)
    return [test for run in runs for test in run]


def _rank(file: Sequence[Test]) -> int:
    """Which of the long files this is; behind all of them if it is none."""
    name = "/".join(file[0].path.parts[-2:])
    where = "/".join(file[0].path.parts[-3:])
    return next((rank for rank, long in enumerate(LONG) if long in (name, where)), len(LONG))
