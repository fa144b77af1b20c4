"""How long a turn may still wait for models: all of its calls together, not each by itself.

Every turn ends within 8 s, whatever its providers do (fault table F11). Every model is wrapped where the kit is put together, so
that no call can be forgotten; outside of a turn nothing is shortened.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from tandem.llm import Completion, Model, Prompt, Stream

TURN_S = 8.0
"""From the beginning of the thinking to the last word (fault table F11)."""

WITHOUT_S = 1.5
"""What is left for quoting, deciding and writing when every model was waited for in vain. They take 30 ms on an idle machine, and
a second on one that is overrun."""

LEAST_S = 0.05
"""A model is never waited for less than this: late as it is, it fails in order."""

_UNTIL: ContextVar[float | None] = ContextVar("tandem_turn_until", default=None)


@contextmanager
def begun(seconds: float = TURN_S) -> Iterator[None]:
    """Within, models are waited for until WITHOUT_S before the end."""
    token = _UNTIL.set(time.monotonic() + seconds - WITHOUT_S)
    try:
        yield
    finally:
        _UNTIL.reset(token)


def left(most: float) -> float:
    """Seconds that a model may be waited for now: `most`, or what the turn has left."""
    until = _UNTIL.get()
    return most if until is None else min(most, max(LEAST_S, until - time.monotonic()))


class Bounded:
    """A model that is waited for as long as the turn allows, and no longer. See `Model` for the promises."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """Of the model itself."""
        return self._model.name

    def stream(self, prompt: Prompt) -> Stream:
        """The answer as it is written."""
        return self._model.stream(_in_time(prompt))

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer in one piece."""
        return await self._model.complete(_in_time(prompt))

    async def aclose(self) -> None:
        """Closes the model's connections."""
        await self._model.aclose()


def _in_time(prompt: Prompt) -> Prompt:
    return replace(prompt, timeout_s=left(prompt.timeout_s))
