"""How often is too often, and that it is said for how long."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tandem.hot.local import LocalLimits
from tests.cast import Cast
from tests.web.site import Site

Call = Callable[[Site, Cast, int], Any]

LIMITS: dict[str, tuple[int, Call]] = {
    "sessions": (10, lambda site, cast, n: site.post(None, "/v1/widget/session", {"widget_key": cast.acme.widget_key})),
    "messages of a stranger": (20, lambda site, cast, n: site.post(cast.dee, "/v1/chat", {"message": f"Hello {n}"})),
    "escalations": (5, lambda site, cast, n: site.post(cast.cy, "/v1/escalate", {})),
    "typing": (60, lambda site, cast, n: site.post(cast.bo, "/v1/presence", {"state": "online"})),
    "uploads": (60, lambda site, cast, n: site.post(cast.acme, "/v1/kb/documents", {"title": "A", "body": f"B {n}."})),
}


@pytest.fixture(autouse=True)
def _no_time_passes(site: Site) -> Iterator[None]:
    """However slowly this machine sends so many requests, no use comes free between them."""
    parts = site.parts
    stopped = replace(parts.hot, limits=LocalLimits(clock=lambda: 0.0))
    site.app.state.parts = replace(parts, hot=stopped)
    yield
    site.app.state.parts = parts


@pytest.mark.parametrize("what", LIMITS)
def test_too_often_is_refused_with_the_time_to_wait(site: Site, cast: Cast, what: str) -> None:
    most, call = LIMITS[what]
    answers = [call(site, cast, n) for n in range(most + 4)]
    statuses = [answer.status_code for answer in answers]
    assert 429 not in statuses[:most]
    assert set(statuses[most:]) == {429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "too_many"
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 3600


def test_a_refused_message_is_not_stored_and_others_are_not_held_up(site: Site, cast: Cast) -> None:
    who = site.newcomer()
    while (answer := site.post(who, "/v1/chat", {"message": "Hello"})).status_code == 200:
        pass
    assert answer.status_code == 429
    stored = len(site.get(who, "/v1/conversations").json()["items"])
    assert site.post(who, "/v1/chat", {"message": "Hello"}).status_code == 429
    assert len(site.get(who, "/v1/conversations").json()["items"]) == stored
    assert site.post(site.newcomer(), "/v1/chat", {"message": "Hello"}).status_code == 200
