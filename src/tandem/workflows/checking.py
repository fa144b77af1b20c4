"""What a workflow asks of the registry, and whether that is there. Warnings, no errors: an action may come later."""

from collections.abc import Iterable, Iterator

from tandem.actions.definition import IDENTITIES, Definition
from tandem.workflows.definition import Workflow, shown


def warnings(workflow: Workflow, actions: Iterable[Definition]) -> list[str]:
    """What would not work as it stands, in sentences, each once."""
    known = {action.name: action for action in actions}
    return list(dict.fromkeys(_warnings(workflow, known)))


def _warnings(workflow: Workflow, known: dict[str, Definition]) -> Iterator[str]:
    for where, name, kind, given in _uses(workflow):
        action = known.get(name)
        if action is None:
            yield f"{where}: there is no action named {name!r}."
            continue
        if action.kind != kind:
            yield f"{where}: {name!r} is no {kind.replace('_', '-')}."
        if not action.enabled:
            yield f"{where}: {name!r} is not enabled."
        takes = action.input_schema.get("properties", {})
        for argument in given:
            if argument not in takes and action.input_schema.get("additionalProperties") is False:
                yield f"{where}: {name!r} takes no argument {argument!r}."
        for argument in action.input_schema.get("required", ()):
            if argument not in given:
                yield f"{where}: {name!r} needs the argument {argument!r}."
    if "identity" in workflow.paths():  # it asks itself who the customer is
        return
    steps_up = any(step.step_up for _, step in workflow.walk())
    for _, name, _, _ in _uses(workflow):
        action = known.get(name)
        if action is None or IDENTITIES.index(action.identity) <= IDENTITIES.index(workflow.identity):
            continue
        if not (action.identity == "stepped_up" and steps_up):
            yield f"{name!r} needs the identity {action.identity}; the workflow begins with {workflow.identity}."


def _uses(workflow: Workflow) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """Where which action is used as what kind, with which arguments."""
    for name, slot in workflow.slots.items():
        if slot.recent:
            yield f"slots.{name}.recent", slot.recent.look_up, "look_up", slot.recent.with_
    for address, step in workflow.walk():
        if step.look_up:
            yield f"step {shown(address)}", step.look_up, "look_up", step.arguments
        if step.propose:
            yield f"step {shown(address)}", step.propose, "change", step.arguments
