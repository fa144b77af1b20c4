"""`python -m bench.soak --cycles 1000` = `make soak`: the crash test of `make test` for as long as one likes.

Rounds of 50 kills under people who write; after each round everything rests and the whole history is checked, on a
tenant of its own but on the same data folder, which so grows old. Progress is one JSON line a round in
bench/results/soak.local.json. Ends at the first round with a finding, keeping the folder with its data and logs, or when the
cycles or the hours are over.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.crash import killing, plant
from tests.crash.killing import Outcome
from tests.crash.plant import Plant

ROUND = 50
PROGRESS = Path(__file__).parent / "results" / "soak.local.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of it."""

    cycles: int
    hours: float
    seed: int


def main() -> None:
    """Soak."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--hours", type=float, default=4.0, help="stop after this long, whatever was reached")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tandem-soak-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # as Ctrl-C: nothing is left running
    print(f"seed {options.seed}; data and logs in {folder}; progress in {PROGRESS}", flush=True)
    with plant.stand(folder) as standing:
        sound = soak(standing, Wanted(options.cycles, options.hours, options.seed))
    sys.exit(0 if sound else 1)


def soak(standing: Plant, wanted: Wanted) -> bool:
    """Round after round; whether all of them were without a finding."""
    until, dice, done = time.monotonic() + wanted.hours * 3600, random.Random(wanted.seed), 0
    while done < wanted.cycles and time.monotonic() < until:
        cycles = min(ROUND, wanted.cycles - done)
        outcome = asyncio.run(killing.run(standing, dice.getrandbits(32), cycles))
        done += cycles
        note(outcome, done)
        if outcome.findings:
            return False
        standing.end_all()
        standing.move_in()
    return True


def note(outcome: Outcome, done: int) -> None:
    """One round, to the screen and to the file."""
    print(f"{done} cycles\n{outcome.summary()}", *outcome.findings, sep="\n", flush=True)
    diary = outcome.diary
    line = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cycles": done,
        "seed": outcome.seed,
        "seconds": round(outcome.seconds, 1),
        "kills": dict(outcome.kills),
        "messages": len(diary.acknowledged),
        "replies": len(diary.replies),
        "articles": len(diary.articles),
        "worst_answer_s": round(max(outcome.answer_s, default=0.0), 1),
        "findings": outcome.findings,
    }
    PROGRESS.parent.mkdir(exist_ok=True)
    with PROGRESS.open("a") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
