"""The golden set through the very pipeline, without a model and with one; and that a spoilt article, rule or prompt shows.

A case that fails is either a regression or a miss we know of (`known_misses.txt`); a known miss that passes now must be
taken off the list. So the list says what the product cannot do yet, and nothing gets worse unseen.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tandem.answering import prompts
from tandem.answering.tools import Tools
from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.evals import turns
from tandem.evals.turns import Case
from tandem.intents.models import Classifiers
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.documents import Labels, Written
from tandem.knowledge.reading import Format
from tandem.llm import stub
from tandem.tenants import policy
from tests import library
from tests.cast import Cast
from tests.ground import Ground
from tests.models import models_at

MISSES = Path(__file__).parent / "known_misses.txt"


@pytest.fixture
async def db(ground: Ground, cast: Cast, embedder: MiniLM) -> AsyncIterator[Database]:
    """A database with the demo's articles."""
    with library.copy(ground, cast, embedder) as place:
        database = Database(place.app)
        await database.open()
        yield database
        await database.close()


@pytest.fixture
def tools(db: Database, embedder: MiniLM) -> Tools:
    """The product's tools, without a model."""
    return Tools(db, library.together(embedder), Classifiers(embedder), None)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """The golden set."""
    return turns.load()


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The cases that the product is known to miss."""
    return {line.split("#")[0].strip() for line in MISSES.read_text().splitlines() if line.split("#")[0].strip()}


async def failing(tools: Tools, cast: Cast, cases: list[Case]) -> dict[str, tuple[str, ...]]:
    """What is not as expected, by case."""
    outcome = await turns.run(tools, cast.acme.id, cases)
    return {row.case.id: row.wrong for row in outcome.results if row.wrong}


async def test_every_case_is_as_expected_or_a_known_miss(
    tools: Tools, cast: Cast, cases: list[Case], known: set[str]
) -> None:
    assert len(cases) >= 60
    wrong = await failing(tools, cast, cases)
    worse = {id: reasons for id, reasons in wrong.items() if id not in known}
    assert not worse, f"these have become worse: {worse}"
    assert known <= set(wrong), f"these pass now; take them off known_misses.txt: {sorted(known - set(wrong))}"


async def test_nothing_hostile_or_unsafe_is_on_the_list_of_misses(cases: list[Case], known: set[str]) -> None:
    safe = {case.id for case in cases if case.group in ("hostile", "staff_only", "asks_for_a_person")}
    assert safe, "the golden set has such cases"
    assert not safe & known


async def test_a_spoilt_article_turns_it_red(
    db: Database, tools: Tools, cast: Cast, cases: list[Case], known: set[str], embedder: MiniLM
) -> None:
    name = "gift-cards"
    async with db.tenant(cast.acme.id) as tx:
        document = await documents.named(tx, name)
        body = (await documents.version(tx, document.id, document.version)).body or ""
        spoilt = Written(Format.MARKDOWN, body.replace("3 years", "9 years"))
        assert spoilt.text != body, "the article says 3 years"
        await documents.save(tx, Queue(db), Labels(document.title, document.category), spoilt, external_id=name)
    await library.ingest_everything(db, cast.acme.id, embedder)
    about = [case for case in cases if name in (case.expect.cites or []) and case.id not in known]
    assert await failing(tools, cast, about)


async def test_a_spoilt_rule_turns_it_red(
    db: Database, tools: Tools, cast: Cast, cases: list[Case], known: set[str]
) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await policy.change(tx, {"always_escalate": [], "escalate_words": []}, "a careless admin")
    about = [case for case in cases if case.group == "always_escalate" and case.id not in known]
    assert await failing(tools, cast, about)


async def by_model(db: Database, embedder: MiniLM, cast: Cast, cases: list[Case]) -> dict[str, str]:
    """Who wrote each answer, with the stub provider on the wire."""
    async with stub.serve("good") as url:
        asked = models_at("openai:stub", f"{url}/v1")
        tools = Tools(db, library.together(embedder), Classifiers(embedder), asked)
        outcome = await turns.run(tools, cast.acme.id, cases)
        await asked.aclose()
    return {row.case.id: row.turn.draft.by for row in outcome.results if row.turn.draft.proves}


async def test_a_spoilt_prompt_turns_it_red(
    db: Database, cast: Cast, cases: list[Case], known: set[str], embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    answerable = [case for case in cases if case.group == "answerable" and case.id not in known][:12]
    before = await by_model(db, embedder, cast, answerable)
    assert list(before.values()).count("model") >= 9, f"a model that answers from its passages is let through: {before}"
    spoilt = prompts.Text("answer", prompts.load("answer").text.replace("{passages}", ""))
    monkeypatch.setattr(prompts, "load", lambda name: spoilt)
    after = await by_model(db, embedder, cast, answerable)
    assert "model" not in after.values(), "without its passages a model's draft is not let through"
