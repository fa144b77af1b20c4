"""Scripts for the stub: what it answers, step by step, to the prompts that hold a marker.

    POST /_script {"marker": "[[script:cancel]]", "steps": [
        {"text": "One moment.", "calls": [{"name": "look_up_order", "arguments": {"order_id": "1001"}}]},
        {"calls": [{"name": "cancel_order", "arguments": "{\\"order_id\\": broken"}]},
        {"behaviour": "server_error"},
        {"text": "Your order is cancelled."}]}
    POST /_script {"marker": "", "adversary": {"seed": 7, "ids": ["1002", "1003"]}}

The marker is any text; it is looked for in the last user message and the system text, and the longest that is found
wins; "" is in every prompt. Each request takes one step; after the last one the stub answers as it would without a
script. Requests that offer no tools, and those to sum up or classify, take no step, unless `tools_only` is false:
then all but the latter do. Arguments given as text are sent as they are, anything else as JSON; `id` is numbered when
absent and left out when "". The adversary never ends: same seed, same attacks in the same order.
"""

import random
from collections.abc import Mapping
from typing import Any, Self

import orjson
import pydantic

from tandem.llm.stub.adversary import attack
from tandem.llm.stub.asked import Asked
from tandem.llm.stub.behaviours import Behaviour
from tandem.llm.stub.said import Reply, ToolCall


class _Told(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


class Call(_Told):
    """One call of a step."""

    name: str
    arguments: Any = pydantic.Field(default_factory=dict)
    id: str | None = None

    def said(self) -> ToolCall:
        """The call as the stub sends it."""
        raw = self.arguments if isinstance(self.arguments, str) else orjson.dumps(self.arguments).decode()
        return ToolCall(self.name, raw, self.id)


class Step(_Told):
    """One answer: text, calls, or both; or a behaviour, which then decides alone."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    behaviour: Behaviour | None = None


class Adversary(_Told):
    """Random attacks; `ids` are of other customers' things."""

    seed: int = 0
    ids: tuple[str, ...] = ()


class Script(_Told):
    """The answers to prompts with this marker: steps, or an adversary."""

    marker: str
    steps: tuple[Step, ...] = ()
    adversary: Adversary | None = None
    tools_only: bool = True
    _taken: int = 0

    @pydantic.model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.steps) == (self.adversary is not None):
            raise ValueError("steps or adversary, one of the two")
        return self

    def fits(self, asked: Asked) -> bool:
        """Whether it decides on this request."""
        here = self.marker in asked.last or self.marker in asked.system
        return here and (bool(asked.tools) or not self.tools_only)

    def next(self, asked: Asked) -> Reply | Behaviour | None:
        """Takes the next step; None after the last."""
        at, self._taken = self._taken, self._taken + 1
        if self.adversary is not None:
            return attack(asked, random.Random(f"{self.adversary.seed}:{at}"), self.adversary.ids)  # noqa: S311
        if at >= len(self.steps):
            return None
        step = self.steps[at]
        return step.behaviour or Reply(step.text, tuple(call.said() for call in step.calls))


def scripted(scripts: Mapping[str, Script], asked: Asked) -> Reply | Behaviour | None:
    """The next step of the script that this request falls under; None without one, or after its last."""
    fitting = [script for script in scripts.values() if script.fits(asked)]
    script = max(fitting, key=lambda each: len(each.marker), default=None)
    return script.next(asked) if script else None
