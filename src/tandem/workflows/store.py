"""Workflows version by version, and the procedures that are under way in conversations.

The newest version counts; a workflow is taken out by a version that says so. A procedure goes on with the version it began with.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tandem import ids
from tandem.db import Jsonb, Later, Queries, Tx, Unique
from tandem.errors import Conflict, Malformed, NotFound
from tandem.ids import ConversationId
from tandem.workflows import reading
from tandem.workflows.definition import Workflow
from tandem.workflows.state import State

Q = Queries("tandem.workflows")

MOST = 100
"""Workflows of a tenant: four times the intents that ship."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of a workflow as stored."""

    name: str
    version: int
    body: dict[str, Any]
    source: str
    author: str
    created_at: datetime

    @property
    def workflow(self) -> Workflow:
        """What it says."""
        return reading.stored(self.body)


@dataclass(frozen=True, slots=True)
class Saved:
    """A version in a workflow's history."""

    version: int
    source: str
    removed: bool
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Newest:
    """A version's number, 0 before the first, and how many names are taken."""

    version: int
    names: int


@dataclass(frozen=True, slots=True)
class Procedure:
    """A workflow that is under way in a conversation, or was."""

    id: UUID
    conversation_id: ConversationId
    workflow: str
    version: int
    state: dict[str, Any]
    status: str
    created_at: datetime
    updated_at: datetime


# ------------------------------------------------------------------ workflows


async def every(tx: Tx) -> list[Entry]:
    """All workflows, by name."""
    return await tx.all(Q.workflows, Entry)


async def get(tx: Tx, name: str) -> Entry:
    """One workflow. Raises NotFound."""
    found = await tx.maybe(Q.workflow, Entry, name=name)
    if found is None:
        raise NotFound("There is no such workflow.")
    return found


async def version(tx: Tx, name: str, number: int) -> Entry:
    """A workflow as it was; a procedure goes on with it. Raises NotFound."""
    found = await tx.maybe(Q.workflow_version, Entry, name=name, version=number)
    if found is None:
        raise NotFound("There is no such version of the workflow.")
    return found


async def history(tx: Tx, name: str) -> list[Saved]:
    """Every version of a workflow, newest first. Raises NotFound when there never was one."""
    found = await tx.all(Q.workflow_versions, Saved, name=name)
    if not found:
        raise NotFound("There is no such workflow.")
    return found


def for_intent_later(tx: Tx, intent: str) -> Later:
    """The Entry for what the customer wants, if there is one, of several the first by name; with the transaction's next round trip."""
    return tx.later(Q.workflow_for_intent, intent=intent)


async def save(tx: Tx, workflow: Workflow, source: str, author: str, *, expected: int | None = None) -> Entry:
    """The workflow, as `source` was read, as its newest version; the same again changes nothing.

    Raises Malformed for one workflow too many, and Conflict when somebody was faster, or the newest version is not the `expected`
    one (0: there is none).
    """
    newest = await tx.one(Q.newest_workflow_version, Newest, name=workflow.name)
    if newest.version == 0 and newest.names >= MOST:
        sentence = f"there are {MOST} workflows already"
        raise Malformed(f"The workflow is malformed: {sentence}", errors=[{"field": "name", "message": sentence}])
    current = await tx.maybe(Q.workflow, Entry, name=workflow.name)
    if expected is not None and expected != (current.version if current else 0):
        raise Conflict("Somebody else changed this workflow meanwhile. Look at it again.")
    if current is not None and current.source == source:
        return current
    return await _add(tx, workflow.name, newest.version + 1, reading.body_of(workflow), source, author)


async def remove(tx: Tx, name: str, author: str) -> None:
    """It begins no more; what is under way goes on, and the history stays. Raises NotFound."""
    entry = await get(tx, name)
    await _add(tx, name, entry.version + 1, entry.body, entry.source, author, removed=True)


async def restore(tx: Tx, name: str, number: int, author: str) -> Entry:
    """An old version as the newest one. Raises NotFound, and Conflict when somebody was faster."""
    old = await version(tx, name, number)
    newest = await tx.one(Q.newest_workflow_version, Newest, name=name)
    return await _add(tx, name, newest.version + 1, old.body, old.source, author)


async def _add(
    tx: Tx, name: str, number: int, body: dict[str, Any], source: str, author: str, *, removed: bool = False
) -> Entry:
    try:
        await tx.run(
            Q.add_workflow, name=name, version=number, body=Jsonb(body), source=source, removed=removed, author=author
        )
    except Unique as problem:
        raise Conflict("Somebody else changed this workflow just now. Look at it again.") from problem
    return await version(tx, name, number)


# ------------------------------------------------------------------ procedures


async def open_of(tx: Tx, conversation_id: ConversationId) -> Procedure | None:
    """What is under way in a conversation."""
    return await tx.maybe(Q.open_procedure, Procedure, conversation_id=conversation_id)


async def begin(tx: Tx, conversation_id: ConversationId, workflow: str, version: int, state: State) -> UUID:
    """A procedure is under way from now on; one that was is left. Raises Conflict when another has begun this very moment."""
    procedure_id = ids.new()
    await tx.run(Q.leave_procedures, conversation_id=conversation_id)
    try:
        await tx.run(
            Q.add_procedure,
            id=procedure_id,
            conversation_id=conversation_id,
            workflow=workflow,
            version=version,
            state=Jsonb(state.as_json()),
        )
    except Unique as problem:
        raise Conflict("Another procedure has begun in this conversation just now.") from problem
    return procedure_id


async def keep(tx: Tx, procedure_id: UUID, state: State) -> bool:
    """How far it has come; False when it is over."""
    return bool(await tx.run(Q.keep_procedure, id=procedure_id, state=Jsonb(state.as_json())))


async def finish(tx: Tx, procedure_id: UUID, status: Literal["done", "left"]) -> bool:
    """It is over; False when it was before."""
    return bool(await tx.run(Q.finish_procedure, id=procedure_id, status=status))
