"""Asking for a person, on public messages: what share is heard, and how often something else is taken for it.

The messages are no part of Tandem: TANDEM_PUBLIC_DATA names the folder that has them, and without it this is skipped.
"""

import json
import os
from pathlib import Path

import pytest

from tandem.intents import people, signals

DATA = os.environ.get("TANDEM_PUBLIC_DATA")


def rows(name: str) -> list[dict[str, str]]:
    path = Path(DATA or ".") / name
    if not DATA or not path.exists():
        pytest.skip("TANDEM_PUBLIC_DATA names no folder with these messages")
    return [json.loads(line) for line in path.read_text().splitlines()]


def asks(row: dict[str, str]) -> bool:
    return people.asks(row["text"]) >= signals.CLEAR


def test_nearly_all_who_ask_for_a_person_are_heard_and_hardly_anybody_else() -> None:
    found = rows("bitext/utterances.jsonl")
    wanted = [row for row in found if row["intent"] == "contact_human_agent"]
    others = [row for row in found if row["intent"] not in ("contact_human_agent", "contact_customer_service")]
    assert len(wanted) > 100 < len(others)
    assert sum(map(asks, wanted)) / len(wanted) >= 0.97
    assert sum(map(asks, others)) / len(others) <= 0.001


def test_requests_to_an_assistant_are_not_taken_for_it() -> None:
    others = rows("clinc150/val.jsonl")
    assert len(others) > 3000
    assert sum(map(asks, others)) / len(others) <= 0.002
