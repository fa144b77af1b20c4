"""An answer is given again to those who ask the same, and to nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from tandem.answering import caching, draft
from tandem.answering.caching import Cache
from tandem.answering.turn import Citation, Draft, Evidence, Sentence, Turn
from tandem.embedding import Embedder
from tandem.ids import TenantId, new
from tandem.tenants.policy import Policy, Rules
from tests.answering import making
from tests.answering.making import Notes

MODEL = "openai:tiny-1"
FOUND = replace(making.passage(), release=7)
TENANT = TenantId(new())


def answer(*, released: bool = True) -> Draft:
    cited = Citation(1, FOUND, "30 days", 100, 110)
    claims = (
        Sentence("Within 30 days. [1]", "claim", (cited,)),
        Sentence("90 days. [1]", "claim", (), released=released),
    )
    return Draft(claims, "Within 30 days. [1]", "model", {"name": MODEL})


async def turn(embedder: Embedder, text: str, *history: tuple[str, str], **more: Any) -> Turn:
    asked = making.asked(text, *history, **({"tenant_id": TENANT} | more))
    heard = replace(making.understood("returns"), embedding=await embedder.embed_query(text))
    return making.turn(asked=asked, understanding=heard, evidence=Evidence(text, (FOUND,), 0.9))


SAME = [
    ("How can I return a tent?", "how can I return a tent? "),
    ("How can I return a tent?", "How can I return tents?"),
    ("What does shipping to Norway cost?", "What would shipping to Norway cost?"),
]
OTHER = [
    ("Can I return a worn tent?", "Can I not return a worn tent?"),
    ("Can I return it within 30 days?", "Can I return it within 60 days?"),
    ("Can I cancel before it ships?", "Can I cancel after it ships?"),
    ("How can I return a tent?", "How can I return a stove?"),
    ("How long does a refund take?", "How do you refund?"),
    ("Does it ship to Norway?", "Does it ship from Norway?"),
    ("Who pays for returns?", "When are returns paid?"),
]


@pytest.mark.parametrize(("first", "then"), SAME)
async def test_the_same_question_gets_the_same_answer(first: str, then: str, embedder: Embedder) -> None:
    cache = Cache()
    cache.keep(await turn(embedder, first), MODEL, answer())
    assert cache.find(await turn(embedder, then), MODEL) == answer()


@pytest.mark.parametrize(("first", "then"), OTHER)
async def test_another_question_does_not(first: str, then: str, embedder: Embedder) -> None:
    cache = Cache()
    cache.keep(await turn(embedder, first), MODEL, answer())
    assert cache.find(await turn(embedder, first), MODEL) is not None, "or this shows nothing"
    assert cache.find(await turn(embedder, then), MODEL) is None


ASKED = "How can I return a tent?"


@pytest.mark.parametrize(
    "more",
    [
        {"tenant_id": TenantId(new())},
        {"policy": Policy(2, Rules())},
        {"verified": True},
        {"verified": True, "tier": "enterprise"},
        {"staff": True},
    ],
)
async def test_whoever_is_somebody_else_gets_another(more: dict[str, Any], embedder: Embedder) -> None:
    cache = Cache()
    cache.keep(await turn(embedder, ASKED), MODEL, answer())
    assert cache.find(await turn(embedder, ASKED, **more), MODEL) is None
    assert cache.find(await turn(embedder, ASKED), "openai:other") is None


async def test_another_state_of_the_knowledge_or_another_language_is_another_answer(embedder: Embedder) -> None:
    cache = Cache()
    asked = await turn(embedder, ASKED)
    cache.keep(asked, MODEL, answer())
    newer = replace(asked, evidence=Evidence(ASKED, (replace(FOUND, release=8),), 0.9))
    german = replace(asked, understanding=replace(asked.heard, signals=replace(asked.heard.signals, language="de")))
    gone = replace(asked, evidence=Evidence(ASKED, (replace(making.passage(), release=7),), 0.9))
    assert [cache.find(each, MODEL) for each in (newer, german, gone)] == [None, None, None]


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order?",
        "Where is order 10442?",
        "I am dee@customers.example, how can I return a tent?",
        "What does my new plan cost?",
    ],
)
async def test_what_is_the_customers_own_is_never_kept(text: str, embedder: Embedder) -> None:
    cache = Cache()
    cache.keep(await turn(embedder, text), MODEL, answer())
    assert cache.find(await turn(embedder, text), MODEL) is None


async def test_a_conversation_is_never_kept(embedder: Embedder) -> None:
    cache = Cache()
    cache.keep(await turn(embedder, ASKED, ("user", "Hi"), ("assistant", "Hello")), MODEL, answer())
    assert cache.find(await turn(embedder, ASKED), MODEL) is None
    cache.keep(await turn(embedder, ASKED), MODEL, answer())
    assert cache.find(await turn(embedder, ASKED, ("user", "Hi"), ("assistant", "Hello")), MODEL) is None


@pytest.mark.parametrize("bad", [answer(released=False), replace(answer(), trouble="cut_off"), Draft()])
async def test_what_was_in_doubt_is_not_kept(bad: Draft, embedder: Embedder) -> None:
    cache = Cache()
    cache.keep(await turn(embedder, ASKED), MODEL, bad)
    assert cache.find(await turn(embedder, ASKED), MODEL) is None


async def test_it_ends_after_ten_minutes_and_with_the_memory(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    cache = Cache(now=lambda: now)
    asked = await turn(embedder, ASKED)
    cache.keep(asked, MODEL, answer())
    now = caching.KEPT_S - 1
    assert cache.find(asked, MODEL) is not None
    now = caching.KEPT_S + 1
    assert cache.find(asked, MODEL) is None
    monkeypatch.setattr(caching, "ANSWERS", 3)
    others = [await turn(embedder, ASKED, tenant_id=TenantId(new())) for _ in range(5)]
    for other in others:
        cache.keep(other, MODEL, answer())
    assert [cache.find(other, MODEL) is not None for other in others] == [False, False, True, True, True]


async def test_who_asks_the_same_is_answered_without_a_model(embedder: Embedder) -> None:
    class Forbidden:
        name = MODEL

        def stream(self, prompt: Any) -> Any:
            raise AssertionError("it was answered a moment ago")

    notes, cache = Notes(), Cache()
    asked = await turn(embedder, ASKED)
    evidence = await making.found(embedder, ASKED, FOUND)
    asked = replace(asked, evidence=evidence)
    cache.keep(asked, MODEL, answer())
    kit = replace(making.kit(embedder, notes, Forbidden()), answers=cache)  # type: ignore[arg-type]
    written = (await draft.write(asked, kit)).draft
    assert (written.text, written.by, written.model) == ("Within 30 days. [1]", "cache", None)
    assert notes.said == [written.text]
    assert notes.cited == written.citations
