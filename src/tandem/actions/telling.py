"""What the customer reads about an action: written from the ledger and the registry's texts, never by a model.

A tenant's text is data: `{name}` is replaced literally by an argument, `{amount}`, `{error}` or `{result.path}`; nothing runs, and
what stands in for a name is not looked at again.
"""

import re
from typing import Any

from tandem.actions import money
from tandem.actions.definition import Definition, Texts
from tandem.actions.ledger import Run, RunStatus

GAP = re.compile(r"\{([A-Za-z_][\w.-]*)\}")
VALUE_CHARS = 200
HIDDEN = "…"
TAKE_BACK = "Take back: "
"""How the summary of a run begins that takes another one back."""


def summary(definition: Definition, arguments: dict[str, Any], amount: str | None, quote: dict[str, Any] | None) -> str:
    """What the card says: the tenant's sentence, or the action's name and what it was given."""
    known = {**shown_arguments(definition, arguments), "amount": amount or "", "quote": quote or {}}
    if definition.texts.summary:
        return filled(definition.texts.summary, known)
    told = [f"{_words(name)}: {shown_value(value)}" for name, value in shown_arguments(definition, arguments).items()]
    return " · ".join([_words(definition.name).capitalize(), *told, *([amount] if amount else [])])


def told(definition: Definition, run: Run) -> str:
    """How it stands with a run, in a sentence for the customer."""
    amount = str(run.money) if run.money else ""
    known = {
        **shown_arguments(definition, run.arguments),
        "amount": amount,
        "error": run.error or "",
        "quote": run.quote or {},
        "result": seen(run.result or {}, definition.shows.customer),
    }
    texts = definition.texts if run.undoes is None else Texts()  # which speak of the change, and not of taking it back
    match run.status:
        case RunStatus.DONE if run.undoes is not None:
            return f"Taken back: {run.summary.removeprefix(TAKE_BACK)}."
        case RunStatus.DONE:
            return filled(texts.done, known) if texts.done else f"Done: {run.summary}."
        case RunStatus.UNDONE:
            return f"Taken back: {run.summary}."
        case RunStatus.FAILED:
            why = f" {run.error}" if run.error else ""
            return (
                filled(texts.failed, known) if texts.failed else f"That was not possible, and nothing has changed.{why}"
            )
        case RunStatus.PENDING_APPROVAL:
            return (
                filled(texts.waiting, known)
                if texts.waiting
                else "A person from our team has to approve this. You will hear from us here."
            )
        case RunStatus.REJECTED:
            return f"Our team has not approved this, and nothing has changed.{f' {run.error}' if run.error else ''}"
        case RunStatus.UNKNOWN | RunStatus.EXECUTING if run.needs_person:
            return "I could not find out whether this went through. A person is checking; it will not be done twice."
        case RunStatus.CONFIRMED | RunStatus.EXECUTING | RunStatus.UNKNOWN:
            return "This is under way and not confirmed yet. You will hear from us here as soon as it is."
        case RunStatus.VOIDED:
            return "All right, nothing was changed."
        case RunStatus.EXPIRED:
            return "That proposal is no longer open, and nothing was changed. Ask again if you still want it."
    return run.summary


def shown_arguments(definition: Definition, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as they may be shown."""
    return {name: HIDDEN if name in definition.shows.hide_arguments else value for name, value in arguments.items()}


def seen(result: dict[str, Any], paths: tuple[str, ...] | None) -> dict[str, Any]:
    """The parts of a result that may be seen, where they stand; everything when nothing is said."""
    if paths is None:
        return result
    kept: dict[str, Any] = {}
    for path in paths:
        value = money.at(result, path)
        if value is None:
            continue
        *way, last = path.split(".")
        part = kept
        for step in way:
            part = part.setdefault(step, {})
        part[last] = value
    return kept


def filled(text: str, known: dict[str, Any]) -> str:
    """The text with its gaps filled; a gap that nothing fills is left out."""
    return re.sub(r"\s+", " ", GAP.sub(lambda gap: shown_value(money.at(known, gap[1])), text)).strip()


def shown_value(value: Any) -> str:
    """As the customer reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(shown_value(part) for part in value.values() if part not in (None, ""))[:VALUE_CHARS]
    if isinstance(value, list):
        return ", ".join(shown_value(part) for part in value)[:VALUE_CHARS]
    return str(value)[:VALUE_CHARS]


def _words(name: str) -> str:
    return name.replace("_", " ")
