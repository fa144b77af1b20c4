"""Planted mistakes in the sentence gate: with one exact comparison gone, changed sentences of its kind get through and are noticed."""

from collections.abc import Callable
from types import ModuleType

import pytest

from tandem.answering.grounding import belongs, bounds, facts, judging, negation, scope
from tandem.embedding.minilm import MiniLM
from tandem.evals import changed, grounding


async def stopped(kind: str, reader: MiniLM) -> float:
    """The share of changed sentences of this kind that do not leave."""
    rows = [row for row in changed.rows(changed.ARTICLES, 7) if row["kind"] == kind]
    outcome = await grounding.run(reader, [grounding.Line.model_validate(row) for row in rows])
    return float(outcome.figures()["stopped"][kind])


@pytest.mark.parametrize(
    ("module", "check", "kind"),
    [
        (facts, "numbers", "number"),
        (facts, "families", "date"),
        (facts, "names", "name"),
        (negation, "trouble", "negation"),
        (scope, "condition", "condition"),
        (scope, "quantity", "scope"),
        (bounds, "trouble", "scope"),
    ],
)
async def test_a_comparison_that_is_gone_is_noticed(
    module: ModuleType, check: str, kind: str, embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await stopped(kind, embedder)
    assert whole >= 0.97
    nothing: Callable[..., str] = lambda *_: ""  # noqa: E731
    monkeypatch.setattr(module, check, nothing)
    assert await stopped(kind, embedder) < whole


FREELY = (
    "The Elm room seats 12 and costs €8 an hour; the Oak room seats 80 and costs €22 an hour. Water shoes are not permitted in the "
    "sauna. Refunds take up to 48 hours. Guests may bring one friend."
)


@pytest.mark.parametrize(
    ("module", "check", "claim"),
    [
        (belongs, "trouble", "An hour in the Elm room costs you €22."),
        (negation, "trouble", "Water shoes are permitted when you visit the sauna."),
        (scope, "quantity", "All guests can bring one friend along."),
    ],
)
async def test_a_comparison_of_free_wordings_that_is_gone_is_noticed(
    module: ModuleType, check: str, claim: str, embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [("Pool", FREELY)]
    assert await judging.withheld(claim, given, embedder)
    nothing: Callable[..., str] = lambda *_: ""  # noqa: E731
    monkeypatch.setattr(module, check, nothing)
    assert not await judging.withheld(claim, given, embedder)
