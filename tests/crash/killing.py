"""Who is killed when, by dice whose seed repeats it; and the run as a whole: write, kill, let rest, check.

python -m tests.crash.killing --seed 7 --cycles 20
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import aiohttp

from tests.crash import history, plant
from tests.crash.plant import Plant, Site, tail
from tests.crash.writing import Agent, Customer, Diary, Editor

CUSTOMERS = 8
SETTLE_S = 180.0
"""Patience for articles after the last kill: a dead worker's job is taken up within 30 s (fault table F2), then worked on."""

ANSWER_S = 90.0
"""Patience for answers after the last kill: 6 s until a process counts as dead, then the turn from its beginning, and
whatever a machine takes for it that others use too."""

VICTIMS = {"site": 14, "both sites": 1, "worker": 4, "database": 3, "supervisor": 1}
"""The database is killed less often than it could be: its supervisor waits ever longer when it dies again and again."""

START_S, OTHER_START_S = 20.0, 4.0
"""A kill waits so long for one site to serve, and that of a site for the other one: on a busy machine both may be dead."""

MODEL_SHARE = 0.6
"""So many site starts have the streaming stub model; the others answer by quotation."""

ARTICLES = (
    "shipping-methods-and-costs",
    "return-window-and-conditions",
    "refund-times",
    "exchange-an-item",
    "repair-service-prices",
)


@dataclass(slots=True)
class Outcome:
    """What a run has shown."""

    seed: int
    cycles: int
    kills: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    diary: Diary = field(default_factory=Diary)
    answer_s: list[float] = field(default_factory=list)
    answered_after_s: float = 0.0
    settled_after_s: float = 0.0
    seconds: float = 0.0
    failed_starts: int = 0

    def summary(self) -> str:
        """One paragraph, with the line that repeats it."""
        killed = ", ".join(f"{times} x {victim}" for victim, times in sorted(self.kills.items()))
        tries = sum(sent.tries for sent in self.diary.sent)
        lines = (
            f"{self.cycles} cycles in {self.seconds:.0f} s ({killed}); {self.failed_starts} starts failed meanwhile",
            f"{len(self.diary.acknowledged)} messages acknowledged in {tries} tries over {len(self.diary.heard)} streams,"
            f" {len(self.diary.replies)} replies, {len(self.diary.articles)} articles; refusals {self.diary.refusals}",
            f"answered after {self._at(0.5):.2f} s (median), {self._at(0.99):.1f} s (p99), {self._at(1):.1f} s (worst);"
            f" at rest every answer was there after {self.answered_after_s:.1f} s and every article after"
            f" {self.settled_after_s:.1f} s",
            f"{len(self.findings)} findings",
            f"again: python -m tests.crash.killing --seed {self.seed} --cycles {self.cycles}",
        )
        return "\n".join(lines)

    def _at(self, share: float) -> float:
        return self.answer_s[min(len(self.answer_s) - 1, int(len(self.answer_s) * share))] if self.answer_s else 0.0


async def run(
    standing: Plant,
    seed: int,
    cycles: int,
    *,
    pause_s: tuple[float, float] = (0.5, 1.8),
    report: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Write under kills, then rest, then check the history."""
    began, dice = time.monotonic(), random.Random(seed)
    outcome = Outcome(seed, cycles)
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0)
    ) as http:
        for site in standing.sites:
            standing.begin(site, model="quick" if dice.random() < MODEL_SHARE else None)
        await standing.begin_all()
        await _stock(standing, http, outcome.diary, dice)
        end = asyncio.Event()
        people = _people(standing, http, outcome.diary, dice, end)
        killer = Killer(standing, random.Random(dice.getrandbits(64)), outcome.kills)
        for cycle in range(cycles):
            await asyncio.sleep(dice.uniform(*pause_s))
            await killer.strike()
            said = f"{len(outcome.diary.acknowledged)} acknowledged, {dict(outcome.kills)}"
            report(f"{time.monotonic() - began:.0f} s, cycle {cycle + 1}/{cycles}, {said}")
        await killer.restored()
        await _written(outcome.diary, cycles)
        end.set()
        await _rest(standing, outcome)
        await _gone(people)
    kept = history.read(standing.superuser_url, standing.tenant["tenant_id"])
    outcome.findings = history.findings(kept, outcome.diary)
    outcome.failed_starts = sum(site.failed_starts for site in standing.sites)
    outcome.answer_s = history.answer_times(kept)
    outcome.seconds = time.monotonic() - began
    return outcome


@dataclass(slots=True)
class Killer:
    """Kills by dice, and starts again whatever has nobody to start it."""

    plant: Plant
    dice: random.Random
    kills: Counter[str]

    async def strike(self) -> None:
        """One kill, of something that is up."""
        await self._serving(1, START_S)
        victim = self.dice.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        if victim in ("site", "both sites"):
            await self._kill_sites(victim, await self._serving(2, OTHER_START_S))
        elif victim == "worker":
            self._kill_worker()
        elif not (self.plant.kill_database() if victim == "database" else self.plant.kill_supervisor()):
            victim = f"absent {victim}"
        self.kills[victim] += 1

    async def _kill_sites(self, victim: str, ready: list[Site]) -> None:
        for site in self.plant.sites if victim == "both sites" else [self.dice.choice(ready or self.plant.sites)]:
            site.kill()
            self.plant.begin(site, model="quick" if self.dice.random() < MODEL_SHARE else None)

    async def _serving(self, wanted: int, patience_s: float) -> list[Site]:
        """The sites that serve, once there are so many or patience is over: where nothing is up nothing can be lost."""
        until = time.monotonic() + patience_s
        while True:
            ready = [site for site in self.plant.sites if await asyncio.to_thread(site.is_ready)]
            if len(ready) >= wanted or time.monotonic() > until:
                return ready
            await asyncio.sleep(0.2)

    def _kill_worker(self) -> None:
        assert self.plant.worker.is_running, f"the worker has ended by itself:\n{tail(self.plant.worker.log)}"
        self.plant.worker.kill()
        self.plant.worker.start()

    async def restored(self) -> None:
        """Everything is up again."""
        await self.plant.begin_all()


async def _stock(standing: Plant, http: aiohttp.ClientSession, diary: Diary, dice: random.Random) -> None:
    """A few articles that answer the customers' questions."""
    editor = Editor(standing, http, diary, dice)
    for name in ARTICLES:
        text = resources.files("tandem.demo").joinpath("articles", f"{name}.md").read_text("utf-8")
        await editor.put(name, name.replace("-", " ").capitalize(), text.partition("\n---\n")[2] or text)


def _people(
    standing: Plant, http: aiohttp.ClientSession, diary: Diary, dice: random.Random, end: asyncio.Event
) -> list[asyncio.Task[None]]:
    working = [
        Customer(standing, http, diary, random.Random(dice.getrandbits(64))).write_until(end) for _ in range(CUSTOMERS)
    ]
    working += [
        Agent(standing, http, diary, random.Random(dice.getrandbits(64))).work_until(end),
        Editor(standing, http, diary, random.Random(dice.getrandbits(64))).work_until(end),
    ]
    return [asyncio.create_task(work) for work in working]


async def _written(diary: Diary, cycles: int) -> None:
    """Enough has been written to have been lost; where kills came faster than words, some more is written now."""
    until = time.monotonic() + SETTLE_S
    while time.monotonic() < until:
        if len(diary.acknowledged) > cycles and len(diary.articles) > len(ARTICLES):
            return
        await asyncio.sleep(0.2)


async def _rest(standing: Plant, outcome: Outcome) -> None:
    """Wait until everything is answered and read, or time is up; note when."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < SETTLE_S:
        kept = history.read(standing.superuser_url, standing.tenant["tenant_id"])
        open_ones = history.unsettled(kept, outcome.diary)
        if not any(finding.startswith("un") for finding in open_ones):
            outcome.answered_after_s = outcome.answered_after_s or passed
        elif passed > ANSWER_S and not outcome.answered_after_s:
            return
        if not open_ones:
            outcome.settled_after_s = passed
            return
        await asyncio.sleep(0.5)


async def _gone(people: list[asyncio.Task[None]]) -> None:
    """Everybody has stopped by themselves; who still waits for an answer is told to go. Raises what broke one of them."""
    _, waiting = await asyncio.wait(people, timeout=30)
    for task in waiting:
        task.cancel()
    for found in await asyncio.gather(*people, return_exceptions=True):
        if isinstance(found, Exception):
            raise found


def main() -> None:
    """Repeat a run."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.killing", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=None, help="where to keep the data and logs")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="tandem-crash-"))
    folder.mkdir(parents=True, exist_ok=True)
    with plant.stand(folder) as standing:
        outcome = asyncio.run(
            run(standing, options.seed, options.cycles, report=lambda line: print(line, file=sys.stderr))
        )
    print(outcome.summary(), *outcome.findings, sep="\n")
    sys.exit(1 if outcome.findings else 0)


if __name__ == "__main__":
    main()
