"""What a model may point out for a workflow: what the customer said, and nothing else."""

from collections.abc import AsyncIterator
from datetime import date
from importlib import resources
from typing import Any

import pytest

from tandem.answering import filling
from tandem.llm import Model
from tandem.llm.stub import Stub
from tandem.workflows import reading
from tandem.workflows.state import Said, State
from tests.models import model_at

REFUND = reading.read(resources.files("tandem.demo").joinpath("workflows/refund.yaml").read_text("utf-8"))
TEXT = "The kettle has a hole, 1039 was the number, I would like my cash back"


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """A provider on loopback."""
    async with Stub() as running:
        yield running


async def filled(stub: Stub, *steps: dict[str, Any], text: str = TEXT, state: State | None = None) -> dict[str, Any]:
    """What is taken of an answer like this."""
    stub.script({"marker": "", "steps": list(steps)})
    model: Model | None = model_at("openai:tiny-1", stub.url, "x")
    assert model is not None
    try:
        return await filling.fill(model, "Acme", REFUND, state or State(), Said(text, today=date(2026, 11, 20)))
    finally:
        await model.aclose()


def call(arguments: Any, name: str = "details") -> dict[str, Any]:
    """An answer that points something out."""
    return {"calls": [{"name": name, "arguments": arguments}]}


async def test_what_was_said_is_taken(stub: Stub) -> None:
    assert await filled(stub, call({"order_id": "1039", "reason": "damaged"})) == {
        "order_id": "1039",
        "reason": "damaged",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        {"order_id": "1044"},
        {"order_id": "the kettle"},
        {"order_id": 1039},
        {"order_id": "1039; 1044"},
        {"reason": "because"},
        {"other": "1039"},
        '{"order_id": "10',
        "[]",
    ],
)
async def test_what_was_not_said_or_does_not_fit_is_left_out(stub: Stub, arguments: Any) -> None:
    assert await filled(stub, call(arguments)) == {}


async def test_another_tool_or_a_broken_provider_fills_nothing(stub: Stub) -> None:
    assert await filled(stub, call({"order_id": "1039"}, "refund_order")) == {}
    assert await filled(stub, {"behaviour": "server_error"}) == {}
    assert await filled(stub, {"text": "order_id: 1039"}) == {}


async def test_what_is_known_is_not_asked_for_and_short_answers_are_not_read_again(stub: Stub) -> None:
    known = State(slots={"order_id": "1039", "reason": "damaged"})
    await filled(stub, call({"order_id": "1039"}), state=known)
    await filled(stub, call({"order_id": "1039"}), text="1039")
    assert len(stub.requests) == 0
