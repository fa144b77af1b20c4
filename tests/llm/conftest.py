"""A stub provider on loopback and a model of each wire that talks to it; real providers are forbidden here."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from tandem.llm import Model, Prompt, PromptMessage
from tandem.llm.stub import Pace, Stub
from tests.models import model_at

RETURNS = (
    '<passage n="1" title="Returns">You can return any item within 30 days of delivery. '
    "Worn items can not be returned.</passage>\n"
    '<passage n="2" title="Shipping">Standard shipping takes 3 working days.</passage>\n'
)
QUESTION = RETURNS + "Within how many days can I return an item?"
ANSWER = "You can return any item within 30 days of delivery. [1]"


@pytest.fixture(autouse=True)
def _no_real_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_FORBID_REAL_MODELS", "1")


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with Stub(pace=Pace(slow_first_token_ms=5_000, slow_gap_ms=5_000)) as provider:
        yield provider


PROVIDERS = ("openai", "anthropic", "google", "bedrock")


@pytest.fixture(params=PROVIDERS)
async def model(request: pytest.FixtureRequest, stub: Stub) -> AsyncIterator[Model]:
    """The same test runs through every wire."""
    made = model_at(f"{request.param}:tiny-1", stub.url, "key-1234")
    yield made
    await made.aclose()


@pytest.fixture
def ask() -> Callable[..., Prompt]:
    """A prompt with limits that only a provider who says nothing meets; `ask(text, gap_s=…)` changes what matters."""

    def prompt(text: str = QUESTION, **changed: object) -> Prompt:
        said = (PromptMessage("user", text),)
        asked = Prompt("Answer from the passages.", said, 200, 0.2, timeout_s=60.0, first_token_s=60.0, gap_s=60.0)
        return replace(asked, **changed)  # type: ignore[arg-type]

    return prompt
