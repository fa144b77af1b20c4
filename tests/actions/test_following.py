"""What becomes of a change that nobody told the outcome of: when it is asked for again, and when a person has to find out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tandem import ids
from tandem.actions.carrying import AGAIN_S, again_s
from tandem.actions.handlers import Outcome
from tandem.actions.ledger import Run, RunStatus
from tests.actions.shop import Shop
from tests.web.site import until

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sent(ago_s: float | None) -> Run:
    fields: dict[str, Any] = dict.fromkeys(Run.__slots__)
    run = Run(**fields | {"id": ids.new(), "status": RunStatus.EXECUTING, "attempt": 1})
    return run if ago_s is None else replace(run, sent_at=NOW - timedelta(seconds=ago_s))


@pytest.mark.parametrize(
    ("ago_s", "wait"),
    [(None, 2), (0, 2), (1.9, 2), (2, 10), (12, 60), (72, 300), (372, 500), (872, None), (10**6, None)],
)
def test_the_waits_grow_and_end(ago_s: float | None, wait: float | None) -> None:
    assert again_s(sent(ago_s), NOW) == wait


def test_a_person_has_it_within_fifteen_minutes() -> None:
    assert sum(AGAIN_S) <= 900


def test_a_state_that_stays_unknown_ends_with_a_person(shop: Shop) -> None:
    """A backend that answers its state's address, and never knows."""
    url = shop.backend.url
    handler = {"kind": "http", "url": f"{url}/add_note", "status_url": f"{url}/status", "idempotent": False}
    shop.put("add_note", handler=handler, timeout_s=1)
    shop.backend.faults.append("refuse_500")
    talk = shop.open()
    action = shop.ask(talk.ticket_id, "add_note", {"text": "x"}).json()["action_id"]

    def given_up() -> bool:
        _minutes_pass(shop, 5)
        shop.site.run(shop.site.parts.acting.carrier.look_after())
        return bool(shop.site.get(shop.acme, f"/v1/actions/runs/{action}").json()["needs_person"])

    until(given_up)
    assert shop.backend.times("/add_note") == 1
    assert shop.backend.times("/status") > 1


def test_nothing_in_an_answer_keeps_it_out_of_the_ledger() -> None:
    assert Outcome.done({"a\x00": ["b\x00", {"c": "\x00"}], "n": 1}).result == {"a": ["b", {"c": ""}], "n": 1}
    assert Outcome.failed("no\x00").error == "no"


def _minutes_pass(shop: Shop, minutes: int) -> None:
    import psycopg

    with psycopg.connect(shop.site.place.superuser, autocommit=True) as owner:
        shift = f"make_interval(mins => {minutes})"
        owner.execute(f"update action_runs set sent_at = sent_at - {shift}, due_at = due_at - {shift}".encode())
