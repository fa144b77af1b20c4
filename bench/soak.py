"""`python -m bench.soak --cycles 1000` = `make soak`: the crash tests and the adversary of `make test` for as long as one likes.

`--kind writing`: rounds of 50 kills under people who write; after each round everything rests and the whole history is checked, on
a tenant of its own but on the same data folder, which so grows old. `--kind confirming`: the same under customers who confirm
changes, the backend misbehaving. `--kind attacks --traces 10000`: rounds of 500 conversations with a model turned against its
operator, on either wire in turn, a third of the changes failing at the backend. Progress is one JSON line a round in
bench/results/soak.local.json. Ends at the first round with a finding, keeping the folder with its data and logs, or when the
cycles, the traces or the hours are over.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.actions import alone, invariants
from tests.actions.attacking import staged
from tests.crash import acting, killing, plant
from tests.crash.killing import Outcome
from tests.crash.plant import Plant

ROUND = 50
RAID = 500
FAILING = 0.35
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
    parser.add_argument("--kind", choices=("writing", "confirming", "attacks"), default="writing")
    parser.add_argument("--traces", type=int, default=10_000, help="of attacks")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tandem-soak-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # as Ctrl-C: nothing is left running
    print(f"seed {options.seed}; data and logs in {folder}; progress in {PROGRESS}", flush=True)
    wanted = Wanted(options.cycles, options.hours, options.seed)
    if options.kind == "attacks":
        sys.exit(0 if raid(folder, replace(wanted, cycles=options.traces)) else 1)
    with plant.stand(folder) as standing:
        sound = (soak if options.kind == "writing" else confirm)(standing, wanted)
    sys.exit(0 if sound else 1)


def confirm(standing: Plant, wanted: Wanted) -> bool:
    """Round after round of kills under confirmations; whether all of them were without a finding."""
    until, dice, done = time.monotonic() + wanted.hours * 3600, random.Random(wanted.seed), 0
    while done < wanted.cycles and time.monotonic() < until:
        cycles = min(ROUND, wanted.cycles - done)
        story = asyncio.run(acting.run(standing, dice.getrandbits(32), cycles))
        done += cycles
        print(f"{done} cycles", story.summary(), *story.findings, sep="\n", flush=True)
        keep(
            {
                "kind": "confirming",
                "cycles": done,
                "seed": story.seed,
                "effects": story.effects,
                "findings": story.findings,
            }
        )
        if story.findings:
            return False
        standing.move_in()
    return True


def raid(folder: Path, wanted: Wanted) -> bool:
    """Round after round of attacks, on either wire in turn; whether all of them were without a finding."""
    until, dice, done = time.monotonic() + wanted.hours * 3600, random.Random(wanted.seed), 0
    while done < wanted.cycles and time.monotonic() < until:
        wire, seed = ("openai", "anthropic")[done // RAID % 2], dice.getrandbits(32)
        traces = min(RAID, wanted.cycles - done)
        (place := folder / f"{done}").mkdir()
        with alone.turned(place, wire) as site, staged(site, seed, FAILING) as attack:
            asyncio.run(attack.run(traces))
            found = invariants.findings(attack)
        done += traces
        effects, failures = len(attack.market.done), attack.market.failures
        print(
            f"{done} traces: {wire}, seed {seed}, {effects} effects, {failures} failures", *found, sep="\n", flush=True
        )
        line = {"kind": "attacks", "traces": done, "wire": wire, "seed": seed, "effects": effects, "failures": failures}
        keep(line | {"findings": found})
        if found:
            return False
    return True


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
        "kind": "writing",
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
    keep(line)


def keep(line: dict[str, Any]) -> None:
    """To the file."""
    PROGRESS.parent.mkdir(exist_ok=True)
    with PROGRESS.open("a") as file:
        file.write(json.dumps({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())} | line) + "\n")


if __name__ == "__main__":
    main()
