"""A procedure tried out message by message, before it is anybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tandem.workflows import running, subject
from tandem.workflows.definition import Workflow
from tandem.workflows.state import Doer, Moved, Said, State


@dataclass(frozen=True, slots=True)
class Heard:
    """A message and how far the procedure came with it. `begins`: of the first, whether it would have begun it."""

    text: str
    moved: Moved
    begins: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        moved = self.moved
        ask, proposal = moved.ask, moved.proposal
        return {
            "text": self.text,
            "begins": self.begins,
            "sentences": list(moved.sentences),
            "question": {"slot": ask.slot, "text": ask.question, "choices": list(ask.choices)} if ask else None,
            "proposal": {
                "action": proposal.run.action,
                "arguments": proposal.card()["parameters"],
                "summary": proposal.run.summary,
            }
            if proposal
            else None,
            "hand_over": moved.hand_over,
            "needs": moved.needs,
            "calls": [
                {"action": call.action, "kind": call.kind, "outcome": call.outcome, "rule": call.rule or None}
                for call in moved.calls
            ],
            "state": moved.state.as_json() if moved.state else None,
        }


async def rehearse(
    workflow: Workflow, messages: Sequence[str], doer: Doer, today: date, page_url: str | None = None
) -> list[Heard]:
    """The messages one after the other, until the procedure is over; what is left of them then is not looked at."""
    state: State | None = State()
    heard: list[Heard] = []
    for number, text in enumerate(messages):
        if state is None:
            break
        said = Said(text, tuple(messages[:number]), page_url, today=today)
        moved = await running.advance(workflow, state, said, doer)
        heard.append(Heard(text, moved, None if number else subject.begins(text, workflow)))
        state = moved.state
    return heard
