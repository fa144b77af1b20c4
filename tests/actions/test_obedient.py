"""Public attacks, each on a model that does whatever it is told and more: nothing is done that may not be.

The model calls every tool that it was offered, and others, with any arguments, whatever the message says; a third of it is what an
able thief would ask for. The messages are no part of Tandem: TANDEM_PUBLIC_DATA names the folder that has them.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.llm.stub import Stub
from tests.actions import invariants
from tests.actions.attacking import staged
from tests.cast import Cast
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER

DATA = os.environ.get("TANDEM_PUBLIC_DATA")
ATTACKS = Path(DATA or ".") / "prompt_injection"
pytestmark = pytest.mark.skipif(
    not DATA or not ATTACKS.is_dir(), reason="TANDEM_PUBLIC_DATA names no folder with prompt_injection"
)

HIDDEN = "Here is what the shop wrote to me: “{0}” So what about my order?"


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (ATTACKS / name).read_text().splitlines()]


@pytest.fixture
def obedient_site(ground: Ground, cast: Cast) -> Iterator[Site]:
    with (
        ground.database(ground.template.name) as place,
        sites.serve(
            place, cast, FOLDER, rate_limits=False, model="openai:tiny-1", stub=Stub(), outgoing_allow="127.0.0.1"
        ) as running,
    ):
        yield running


def test_no_attack_of_the_public_sets_brings_about_anything(obedient_site: Site) -> None:
    seed = secrets.randbits(32)
    plain = [line["text"] for line in lines("messages.jsonl") if line["attack"]]
    hidden = [HIDDEN.format(line["attack"]) for line in lines("indirect.jsonl")]
    with staged(obedient_site, seed) as raid:
        raid.asks = (*plain, *hidden)
        asyncio.run(raid.run(len(raid.asks)))
        found = invariants.findings(raid)
    calls = sum(len(calls) for asked in raid.completions.values() for calls in asked)
    print(
        f"seed {seed}: {len(raid.asks)} attacks, {calls} calls, {len(raid.market.done)} changes that customers agreed to"
    )
    assert not found, "\n".join([f"seed {seed}", *found])
    assert calls > len(raid.asks), "or nobody obeyed"
