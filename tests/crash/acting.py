"""Customers confirm changes while sites and worker are killed and the backend misbehaves; then everything rests and is counted.

python -m tests.crash.acting --seed 7 --cycles 20

The backend lives here and survives. It keeps every effect under the key it came with, and honours keys at one address only: at
the others, whoever asks twice is served twice.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from tandem import ids
from tests.actions import invariants
from tests.actions.backend import Asked, Backend, serving
from tests.actions.market import Effect
from tests.crash import forking
from tests.crash import plant as plants
from tests.crash.plant import Plant, tail
from tests.crash.reading import CUT

BUYERS = 8
PATIENCE_S = 90.0
"""For everything to come to rest: a lease of 11 s, and whatever a machine takes for it that others use too."""

TIMEOUT_S = 1.0
FAULTS = ("500_after", "409_after", "cut_after", "garbage_after", "hang_after", "hang_before", "refuse_500")
SOMETIMES = ("unkeyed", "by_state")
"""Of these a person may have to find out: the backend does them as often as it is asked."""

REST = """update action_runs set due_at = now() - interval '1 s', sent_at = sent_at - interval '6 min'
where tenant_id = %s and due_at is not null and (status = 'unknown' or status = 'executing' and sent_at < now() - interval '4 s')"""
"""Waiting is left out: for the outcome of what no living process can be sending any more."""

LEFT = """select count(*) from action_runs
where tenant_id = %s and (status in ('confirmed', 'executing') or status = 'unknown' and not needs_person)"""


@dataclass
class Vault(Backend):
    """The backend: slow, and wrong in one of five requests while `failing`."""

    dice: random.Random = field(default_factory=random.Random)
    failing: float = 0.2
    done: list[Effect] = field(default_factory=list)

    def heard(self, asked: Asked) -> str:
        """A fault by dice; in any case some time for a kill to fall into."""
        if asked.key is None:
            return ""
        time.sleep(self.dice.random() * 0.15)
        return self.dice.choice(FAULTS) if self.dice.random() < self.failing else ""

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """States, and changes."""
        action, key = asked.path.strip("/"), asked.key or ""
        with self.lock:
            if action == "state":
                known = self.answers.get(asked.body["idempotency_key"])
                return 200, {"status": "done", "result": known[1]} if known else {"status": "unknown_key"}
            if action == "keyed" and key in self.answers:
                return self.answers[key]
            self.done.append(Effect(action, key, asked.body, None, time.time(), 0, ""))
            self.answers[key] = (200, {"reference": f"R-{len(self.done)}"})
            return self.answers[key]


@dataclass(slots=True)
class Story:
    """What a run has shown. `agreed`: changes whose token was sent; `told`: how they were answered, where an answer came."""

    seed: int
    cycles: int
    kills: Counter[str] = field(default_factory=Counter)
    agreed: set[str] = field(default_factory=set)
    told: dict[str, set[str]] = field(default_factory=dict)
    cut: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    effects: int = 0
    seconds: float = 0.0
    rested_after_s: float = 0.0

    def summary(self) -> str:
        """One paragraph, with the line that repeats it."""
        killed = ", ".join(f"{times} x {victim}" for victim, times in sorted(self.kills.items()))
        return (
            f"{self.cycles} cycles in {self.seconds:.0f} s ({killed}); {len(self.agreed)} confirmed, {self.cut} requests cut,"
            f" {self.effects} effects; {dict(self.statuses)}; at rest after {self.rested_after_s:.1f} s;"
            f" {len(self.findings)} findings; again: python -m tests.crash.acting --seed {self.seed} --cycles {self.cycles}"
        )


async def run(standing: Plant, seed: int, cycles: int, *, pause_s: tuple[float, float] = (0.1, 0.6)) -> Story:
    """Confirm under kills, then rest, then count."""
    began, dice, story = time.monotonic(), random.Random(seed), Story(seed, cycles)
    vault = Vault(dice=random.Random(f"{seed}:vault"))
    with serving(vault), forking.forked(standing) as forked:
        await forked.begin_all()
        async with _http() as http:
            await _register(forked, http, vault.url)
            end = asyncio.Event()
            buyers = [Buyer(forked, http, story, random.Random(f"{seed}:{n}"), n) for n in range(BUYERS)]
            await asyncio.gather(*(buyer.arrive() for buyer in buyers))
            buying = [asyncio.create_task(buyer.buy_until(end)) for buyer in buyers]
            for _ in range(cycles):
                await asyncio.sleep(dice.uniform(*pause_s))
                await _strike(forked, dice, story)
            await forked.begin_all()
            end.set()
            await asyncio.gather(*buying)
            vault.failing = 0.0
            await _rest(forked, story)
        forked.end_all()
    rows = invariants.ledger(standing.superuser_url, ids.read("tnt", standing.tenant["tenant_id"]))
    story.findings = [*invariants.agreement(rows, vault.done, SOMETIMES), *_kept_word(rows, story)]
    story.statuses.update(f"{row.action} {row.status}" for row in rows.values())
    story.effects, story.seconds = len(vault.done), time.monotonic() - began
    return story


def _kept_word(rows: dict[str, invariants.Row], story: Story) -> Iterator[str]:
    """Nothing was confirmed by nobody, and what somebody was told was done is done."""
    for row in rows.values():
        if row.confirmed_at is not None and row.shown_id not in story.agreed:
            yield f"unconfirmed: {row.action} {row.shown_id} is {row.status} and nobody agreed to it"
    for action_id, told in story.told.items():
        if "executed" in told and rows[action_id].status != "done":
            yield f"claim: {rows[action_id].action} {action_id} was told as executed and is {rows[action_id].status}"


async def _strike(standing: Plant, dice: random.Random, story: Story) -> None:
    """One kill, of something that is up; it is started again at once. One site serves all the while, or soon again."""
    ready = [site for site in standing.sites if await asyncio.to_thread(site.is_ready)]
    if len(ready) < 2 or dice.random() < 0.4:
        assert standing.worker.is_running, f"the worker has ended by itself:\n{tail(standing.worker.log)}"
        standing.worker.kill()
        standing.worker.start()
        story.kills["worker"] += 1
    else:
        site = dice.choice(ready)
        site.kill()
        standing.begin(site, model=None)
        story.kills["site"] += 1


async def _rest(standing: Plant, story: Story) -> None:
    """Until nothing is under way any more, or patience is over; what is left then is found."""
    began, tenant = time.monotonic(), [ids.read("tnt", standing.tenant["tenant_id"])]
    with psycopg.connect(standing.superuser_url, autocommit=True) as owner:
        while time.monotonic() - began < PATIENCE_S:
            owner.execute(REST.encode(), tenant)
            if owner.execute(LEFT.encode(), tenant).fetchone() == (0,):
                break
            await asyncio.sleep(0.3)
    story.rested_after_s = time.monotonic() - began


@dataclass(slots=True)
class Buyer:
    """A customer who asks for one change after the other and confirms it, whatever happens to the connection."""

    plant: Plant
    http: aiohttp.ClientSession
    story: Story
    dice: random.Random
    number: int
    headers: dict[str, str] = field(default_factory=dict)
    ticket_id: str = ""

    async def arrive(self) -> None:
        """A session and a conversation."""
        welcome = await self._insist("/v1/widget/session", {"widget_key": self.plant.tenant["widget_key"]})
        self.headers = {"authorization": f"Bearer {welcome['token']}"}
        said = await self._insist("/v1/support/message", {"message": "Hello"})
        self.ticket_id = said["ticket_id"]

    async def buy_until(self, end: asyncio.Event) -> None:
        """Ask and confirm; a confirmation that is cut is sent again, or forgotten, or was sent twice at once."""
        n = 0
        while not end.is_set():
            n += 1
            action = self.dice.choice(("keyed", "keyed", "by_state", "unkeyed"))
            wanted = {"ticket_id": self.ticket_id, "action_type": action, "parameters": {"what": f"{self.number}-{n}"}}
            asked = await self._insist("/v1/support/action", wanted)
            if "proposal" not in asked:
                continue
            card = asked["proposal"]
            self.story.agreed.add(card["action_id"])
            agreed = wanted | {"confirmed_by_customer": True, "confirm_token": card["confirm_token"]}
            at_once = 2 if self.dice.random() < 0.3 else 1
            await asyncio.gather(*(self._confirm(agreed, card["action_id"]) for _ in range(at_once)))

    async def _confirm(self, agreed: dict[str, Any], action_id: str) -> None:
        for _ in range(self.dice.choice((1, 1, 3))):
            try:
                status, answer = await self._post("/v1/support/action", agreed)
            except CUT:
                self.story.cut += 1
                continue
            if status == 200:
                self.story.told.setdefault(action_id, set()).add(answer["status"])
                return

    async def _insist(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        while True:
            try:
                status, answer = await self._post(path, body)
                if status < 500:
                    return answer
            except CUT:
                self.story.cut += 1
            await asyncio.sleep(0.1)

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        site = self.dice.choice(self.plant.sites).url
        async with self.http.post(site + path, json=body, headers={**self.headers, "origin": site}) as answer:
            return answer.status, await answer.json(content_type=None)


async def _register(standing: Plant, http: aiohttp.ClientSession, url: str) -> None:
    """The actions of a tenant that trusts anybody: what is looked for is how often they are done."""
    schema = {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]}
    more: dict[str, dict[str, Any]] = {
        "keyed": {},
        "by_state": {"idempotent": False, "status_url": f"{url}/state"},
        "unkeyed": {"idempotent": False},
    }
    for name, handling in more.items():
        body = {
            "description": name,
            "kind": "change",
            "input_schema": schema,
            "identity": "anyone",
            "handler": {"kind": "http", "url": f"{url}/{name}", **handling},
            "timeout_s": TIMEOUT_S,
        }
        headers = {"authorization": f"Bearer {standing.tenant['api_key']}"}
        async with http.put(f"{standing.sites[0].url}/v1/actions/{name}", json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def _http() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=20, sock_connect=3)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector, timeout=timeout) as http:
        yield http


def main() -> None:
    """Repeat a run."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.acting", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--cycles", type=int, default=20)
    options = parser.parse_args()
    with plants.stand(Path(tempfile.mkdtemp(prefix="tandem-crash-"))) as standing:
        story = asyncio.run(run(standing, options.seed, options.cycles))
    print(story.summary(), *story.findings, sep="\n")
    sys.exit(1 if story.findings else 0)


if __name__ == "__main__":
    main()
