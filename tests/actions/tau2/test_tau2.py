"""Every request of a public set of retail tasks, played through the public API: the shop ends as if it had been asked directly.

The requests, the records and the tools' schemas are no part of Tandem: TANDEM_PUBLIC_DATA names the folder that has
`tau2_retail`, and without it this is skipped. The same rules on a few records of our own: test_small_merchant.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.actions.backend import serving
from tests.actions.tau2.merchant import Merchant, Record, Unable, cents
from tests.actions.tau2.playing import CHANGES, ESCALATE, HELLO, OWNERS, Course, Store, arrived, definition, stranger
from tests.web.site import Site

DATA = os.environ.get("TANDEM_PUBLIC_DATA")
ALL = os.environ.get("TANDEM_PUBLIC_DATA_ALL") == "1"
"""Every request on both wires, which takes nearly twice as long."""
SAMPLE = 7
FOLDER = Path(DATA or ".") / "tau2_retail"
pytestmark = pytest.mark.skipif(
    not DATA or not FOLDER.is_dir(), reason="TANDEM_PUBLIC_DATA names no folder with tau2_retail"
)

MONEY = {"amount", "balance", "price", "exchange_price_difference"}
ITEMS_QUIRK = ("price", "options")
"""What the set's own records have wrong where several items of an order were modified at once."""

Line = dict[str, Any]


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def lines() -> list[Line]:
    found = [orjson.loads(line) for line in content("replay_dev.jsonl").splitlines()]
    assert len(found) == 74
    return found


def chosen(store: Store) -> list[Line]:
    """All of them on one wire; on the other, whose requests differ by their form alone, a sample unless all are asked for."""
    is_first = store.site.parts.settings.model.startswith("openai")
    return lines() if is_first or ALL else lines()[::SAMPLE]


@pytest.fixture(scope="module")
def retailer() -> Iterator[Merchant]:
    merchant = Merchant(data=content("db.json"))
    with serving(merchant):
        yield merchant


@pytest.fixture(scope="module")
def store(retailer: Merchant, calling_site: Site) -> Store:
    """The sixteen tools with the set's own schemas; look-ups first, for the rules of ownership need them."""
    tools = orjson.loads(content("tools_schema.json"))
    store = Store(calling_site, retailer)
    for name in sorted(tools, key=lambda each: (each in CHANGES, each)):
        store.put(name, definition(retailer.url, name, tools[name]["description"], tools[name]["parameters"]))
    assert len(tools) == 16
    return store


# ------------------------------------------------------------------ what has to come of a request


def plain(value: Any, name: str = "") -> Any:
    """A record without what is absent, money in cents."""
    if isinstance(value, dict):
        return {key: plain(part, key) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [plain(part, name) for part in value]
    return cents(value) if name in MONEY and isinstance(value, (int, float)) else value


def comparable(changed: dict[str, dict[str, Record]], *, quirk: bool) -> Any:
    """Records as far as the set's are right."""
    found = plain(changed)
    for order in found.get("orders", {}).values() if quirk else ():
        for item in order["items"]:
            for name in ITEMS_QUIRK:
                item.pop(name)
    return found


def directly(merchant: Merchant, line: Line) -> tuple[dict[str, dict[str, Record]], list[bool]]:
    """The records that differ, and which calls went well, when the shop itself is asked."""
    merchant.restore()
    went = []
    for call in line["calls"]:
        try:
            merchant.do(call["name"], call["arguments"])
            went.append(True)
        except Unable:
            went.append(False)
    return merchant.changed(), went


def expected(line: Line) -> list[tuple[str, str]]:
    """How the conversation has to show each call."""
    return [(call["name"], _state(call)) for call in line["calls"]]


def _state(call: dict[str, Any]) -> str:
    if call["name"] in CHANGES:
        return "proposed"
    return "done" if call["ok"] else "failed"


def differences(line: Line, merchant: Merchant, course: Course, right: dict[str, dict[str, Record]]) -> list[str]:
    """What went otherwise than it should have; nothing, when all is well."""
    writes = [call for call in line["calls"] if call["name"] in CHANGES]
    changes = merchant.changes()
    hands_over = any(call["name"] == ESCALATE for call in line["calls"])
    checks = {
        "trouble": (course.trouble, ""),
        "calls": (course.said, expected(line)),
        "refusals": (course.refusals, []),
        "records": (merchant.changed(), right),
        "arrived": (arrived(changes), [(call["name"], call["arguments"]) for call in writes]),
        "keys": ([one.key for one in changes], course.action_ids),
        "served": ({one.headers.get("tandem-customer") for one in changes}, {line["customer_id"]} if writes else set()),
        "ended": (course.ended, ["executed" if call["ok"] else "failed" for call in writes]),
        "escalated": (course.status == "escalated", hands_over),
    }
    return [f"{name}: {found!r}, not {right!r}" for name, (found, right) in checks.items() if found != right]


# ------------------------------------------------------------------ the tests


def test_our_shop_does_what_the_sets_own_tools_did() -> None:
    merchant = Merchant(data=content("db.json"))
    for line in lines():
        changed, went = directly(merchant, line)
        assert went == [call["ok"] for call in line["calls"]], line["task_id"]
        quirk = line["price_quirk"]
        assert comparable(changed, quirk=quirk) == comparable(line["changed"], quirk=quirk), line["task_id"]


def test_every_request_ends_as_if_the_shop_had_been_asked_directly(store: Store) -> None:
    wrong, played = {}, 0
    for line in chosen(store):
        right, _ = directly(store.merchant, line)
        store.merchant.restore()
        course = store.play(line["customer_id"] or stranger(), line["calls"])
        played += 1
        if found := differences(line, store.merchant, course, right):
            wrong[line["task_id"]] = found
    assert wrong == {}
    assert played == len(chosen(store)) > 5


@pytest.mark.parametrize("calling_site", ["openai"], indirect=True, scope="module")
def test_what_is_asked_for_in_a_strangers_session_moves_nothing(store: Store) -> None:
    """The same calls by the same model, while somebody else is served."""
    refused = 0
    for line in lines():
        owned = [call for call in line["calls"] if call["arguments"].keys() & OWNERS.keys() and call["ok"]]
        if not owned:
            continue
        store.merchant.restore()
        who = stranger()
        talk = store.chat(who, HELLO)
        for call in owned:
            answer = store.act(talk.ticket_id, call["name"], call["arguments"])
            assert (answer.status_code, answer.json()["rule"]) == (403, "owner"), (line["task_id"], call["name"])
        assert store.refusals(talk.id) == ["owner"] * len(owned)
        assert store.merchant.changes() == []
        assert store.merchant.changed() == {}
        refused += len(owned)
    assert refused > 200
