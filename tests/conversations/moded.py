"""A site with a model that has a price, and the words in which tests of modes and budgets speak of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tandem.answering.caching import Cache
from tandem.llm.stub import Behaviour, Stub
from tests.cast import Cast
from tests.ground import Ground
from tests.models import woken
from tests.web import site as sites
from tests.web.site import Conversation, Site
from tests.web.sites import FOLDER

MODEL = "openai:tiny-1?input=1&output=2"
"""A dollar a million tokens in, two out: a token costs a millionth or two, as the ledger counts."""

ARTICLE = (
    "# Returns\n\nYou can return any item within 30 days of delivery. Worn items cannot be returned. "
    "Return parcels are free for you when you use our label. The return label is in the box of your delivery."
)
LONG = "Within how many days can I return an item, and is the return parcel free?"
"""Takes more than a sentence to answer."""

QUESTIONS = (
    "Within how many days can I return an item?",
    "How many days do I have to send an item back?",
    "Until when can an item be returned after delivery?",
    "What is the time limit to return an item?",
    "For how long after delivery do you accept returns?",
    "How long do I have to return an item?",
)
"""Different ones, for what a model wrote lately is told again."""


@contextmanager
def talking(ground: Ground, cast: Cast) -> Iterator[Site]:
    """The site, with an article that answers."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=False, model=MODEL, stub=Stub()) as running,
    ):
        running.learn("Returns", ARTICLE)
        yield running


def fresh(site: Site) -> None:
    """Everything as at the start: rules, provider, breaker, answers that were kept."""
    assert site.stub
    site.stub.behave(Behaviour.GOOD)
    site.stub.requests.clear()
    woken(site.parts.asked)
    site.parts.desk.tools.answers = Cache()
    rules(site, mode="full", budget={"tokens_per_day": None, "cost_per_day_micros": None, "soft": 0.8})


def rules(site: Site, **changes: Any) -> None:
    """PATCH /v1/policy."""
    answer = site.call(site.cast.ann, "PATCH", "/v1/policy", changes)
    assert answer.status_code == 200, answer.text


def record(site: Site, said: Conversation) -> dict[str, Any]:
    """The turn as it is kept, with its calls."""
    found: dict[str, Any] = site.get(site.cast.vi, f"/v1/turns/{said.done['turn_id']}").json()
    return found


def today(site: Site) -> dict[str, int]:
    """What was spent since midnight."""
    found: dict[str, int] = site.get(site.cast.ann, "/v1/models").json()["today"]
    return found


def asked_after_the_budget_was_spent(site: Site) -> int:
    """How many requests still reach the provider once a turn has used the day's budget up."""
    assert site.stub
    site.chat(site.newcomer(), QUESTIONS[0])
    rules(site, budget={"tokens_per_day": today(site)["tokens"]})
    site.stub.requests.clear()
    for question in QUESTIONS[1:4]:
        said = site.chat(site.newcomer(), question)
        assert said.done["resolution_state"] == "answered", "quoted, at the least"
    return len(site.stub.requests)
