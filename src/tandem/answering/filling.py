"""Where a workflow would ask, a model may first point out what the customer has said already, in words that no pattern knows.

It points and no more: a detail counts only when it stands word for word in the customer's own messages and the slot takes it.
"""

import asyncio
from typing import Any

import orjson

from tandem.answering import prompts
from tandem.llm import Model, ModelFailed, Prompt, PromptMessage, Tool
from tandem.workflows import taking
from tandem.workflows.definition import Slot, Workflow
from tandem.workflows.state import Said, State
from tandem.workflows.taking import Value

FILL_S = 2.5
"""As long as the small model has for what a message is about: the question is good too."""

LEAST_WORDS = 3
"""A shorter message is the answer to a question, and was read as that."""

HISTORY = 4
TOOL = "details"


async def fill(model: Model, company: str, workflow: Workflow, state: State, said: Said) -> dict[str, Value]:
    """The slots that the customer's messages hold, of those that are open and may be read from messages; empty when a model fails."""
    open_slots = {
        name: slot for name, slot in workflow.slots.items() if name not in state.slots and "message" in slot.from_
    }
    if not open_slots or len(said.text.split()) < LEAST_WORDS:
        return {}
    try:
        async with asyncio.timeout(FILL_S):
            completion = await model.complete(_prompt(company, workflow, open_slots, said))
    except (ModelFailed, TimeoutError):
        return {}
    named = _arguments(completion.calls[0].arguments) if completion.calls and completion.calls[0].name == TOOL else {}
    own = "\n".join([*said.history[-HISTORY:], said.text]).casefold()
    found = {name: _taken(slot, named.get(name), own, said) for name, slot in open_slots.items()}
    return {name: value for name, value in found.items() if value is not None}


def _taken(slot: Slot, piece: object, own: str, said: Said) -> Value | None:
    """The slot's value, if the piece was said and means exactly one. A choice is named by its value."""
    if not isinstance(piece, str) or not piece.strip():
        return None
    if slot.kind == "choice":
        return taking.taken(slot, piece)
    values = taking.answer(slot, piece, said.today) if piece.strip().casefold() in own else []
    return values[0] if len(values) == 1 else None


def _prompt(company: str, workflow: Workflow, slots: dict[str, Slot], said: Said) -> Prompt:
    properties = {name: _property(slot) for name, slot in slots.items()}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    messages = [PromptMessage("user", text) for text in (*said.history[-HISTORY:], said.text)]
    system = prompts.load("fill").filled(company=company, title=workflow.title)
    return Prompt(system, tuple(messages), 200, 0.0, FILL_S, tools=(Tool(TOOL, workflow.title, schema),))


def _property(slot: Slot) -> dict[str, Any]:
    named = {"enum": [each.value for each in slot.choices]} if slot.kind == "choice" else {}
    return {"type": "string", "description": slot.ask, **named}


def _arguments(text: str) -> dict[str, Any]:
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
