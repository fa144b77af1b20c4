"""Planted mistakes in the sentence gate: with one exact comparison gone, changed sentences of its kind get through and are noticed."""

from collections.abc import Callable
from types import ModuleType

import pytest

from tandem.answering.grounding import bounds, facts, negation, scope
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
