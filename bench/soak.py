"""`python -m bench.soak --cycles 1000` = `make soak`: the crash tests and the adversary of `make test` for as long as one likes.

`--kind writing`: rounds of 50 kills under people who write; after each round everything rests and the whole history is checked, on
a tenant of its own but on the same data folder, which so grows old. `--kind confirming`: the same under customers who confirm
changes, the backend misbehaving. `--kind attacks --traces 10000`: rounds of 500 conversations with a model turned against its
operator, on either wire in turn, a third of the changes failing at the backend. `--kind misbehaving --turns 10000`: rounds of some
2,500 turns with a model that misbehaves, every way as often as any other, on either wire in turn. Progress is one JSON line a round in
bench/results/soak.local.json. Ends at the first round with a finding, keeping the folder with its data and logs, or when the
cycles, the traces, the turns or the hours are over.
"""

import argparse
import asyncio
import json
import os
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
from tests.answering.misbehaving import oracle, talking
from tests.crash import acting, killing, plant
from tests.crash.killing import Outcome
from tests.crash.plant import Plant

ROUND = 50
RAID = 500
LIES = 2_500
"""Turns of a round with a misbehaving model."""

FAILING_TURNS = 200
"""Of them, how many with three requests in ten failing and the breaker in its place."""

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
    parser.add_argument("--kind", choices=("writing", "confirming", "attacks", "misbehaving"), default="writing")
    parser.add_argument("--traces", type=int, default=10_000, help="of attacks")
    parser.add_argument("--turns", type=int, default=10_000, help="with a misbehaving model")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tandem-soak-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # as Ctrl-C: nothing is left running
    print(f"seed {options.seed}; data and logs in {folder}; progress in {PROGRESS}", flush=True)
    wanted = Wanted(options.cycles, options.hours, options.seed)
    if options.kind == "attacks":
        sys.exit(0 if raid(folder, replace(wanted, cycles=options.traces)) else 1)
    if options.kind == "misbehaving":
        os.environ["TANDEM_FORBID_REAL_MODELS"] = "1"
        sys.exit(0 if misbehave(folder, replace(wanted, cycles=options.turns)) else 1)
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


def misbehave(folder: Path, wanted: Wanted) -> bool:
    """Round after round with a model that misbehaves, on either wire in turn; whether all of them were without a finding."""
    until, dice, done, rounds = time.monotonic() + wanted.hours * 3600, random.Random(wanted.seed), 0, 0
    while done < wanted.cycles and time.monotonic() < until:
        wire, seed = ("openai", "anthropic")[rounds % 2], dice.getrandbits(32)
        turns = min(LIES, wanted.cycles - done)
        (place := folder / f"{rounds}").mkdir()
        with alone.turned(place, wire) as site:
            with talking.staged(site, seed) as talk:
                talk.run(talking.shares(talking.NAMES, -(-(turns - FAILING_TURNS) // len(talking.NAMES))))
                found = [oracle.verdict(talk)]
            with talking.staged(site, seed + 1, breaker=True) as talk:
                talk.run({talking.FAILING: FAILING_TURNS})
                found.append(oracle.verdict(talk))
        done, rounds = done + sum(each.turns for each in found), rounds + 1
        findings = [line for each in found for line in each.findings]
        print(
            f"{done} turns: {wire}, seed {seed}", *(each.summary() for each in found), *findings, sep="\n", flush=True
        )
        line = {"kind": "misbehaving", "turns": done, "wire": wire, "seed": seed, "behaviours": len(talking.NAMES)}
        slowest = max(each.slowest_s for each in found)
        keep(line | {"slowest_s": round(slowest, 2), "by": [dict(each.by) for each in found], "findings": findings})
        if findings:
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
