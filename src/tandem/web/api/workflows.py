"""Workflows: every version of every declared procedure, and trying one before it is anybody's."""

import asyncio
from typing import Annotated, Any, Literal

import pydantic
from fastapi import APIRouter
from starlette.responses import Response

from tandem import clock, ids
from tandem.actions import registry
from tandem.actions.session import Authority
from tandem.db import Tx
from tandem.errors import Malformed
from tandem.ids import ConversationId, CustomerId, TenantId, TicketId
from tandem.tenants import customers
from tandem.web.doors import ActionAdmin, RegistryReader
from tandem.web.json import JSON, Input, Text
from tandem.web.once import OnceRoute
from tandem.web.parts import P
from tandem.workflows import checking, reading, rehearsing, store
from tandem.workflows.definition import Workflow
from tandem.workflows.doing import Rehearsal, Rehearsing
from tandem.workflows.store import Entry

router = APIRouter(prefix="/v1/workflows", route_class=OnceRoute)

Document = Annotated[str, pydantic.Field(min_length=1, max_length=reading.MOST_CHARS)]
Number = Annotated[int, pydantic.Field(ge=0, le=2**31 - 1)]


class WrittenWorkflow(Input):
    """A workflow as YAML. `expected_version`: the one it was made from, 0 for none; another in force refuses it with 409."""

    source: Document
    expected_version: Number | None = None


class Source(Input):
    """A workflow as YAML."""

    source: Document


class Old(Input):
    """A version."""

    version: Number


class Tried(Input):
    """A conversation to try: with the workflow of this name, or as this document has it, for this customer or for nobody known."""

    name: str | None = pydantic.Field(default=None, max_length=64)
    source: Document | None = None
    messages: list[Annotated[str, pydantic.Field(min_length=1, max_length=4000)]] = pydantic.Field(
        min_length=1, max_length=20
    )
    customer_id: str | None = None
    identity: Literal["anyone", "verified", "stepped_up"] = "verified"
    """As whom the customer is known in it; without `customer_id` nobody is."""
    page_url: str | None = pydantic.Field(default=None, max_length=2000)


@router.get("")
async def list_workflows(caller: RegistryReader, parts: P) -> Response:
    """Every workflow, by name, with what would not work as it stands."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        entries, actions = await store.every(tx), await registry.every(tx)
    known = [action.definition for action in actions]
    items = [_listed(entry) | {"warnings": checking.warnings(entry.workflow, known)} for entry in entries]
    return JSON({"items": items})


@router.post("/check")
async def check_workflow(caller: RegistryReader, body: Source, parts: P) -> Response:
    """What is wrong with a document, line by line, and what would not work as it stands. Nothing is saved."""
    try:
        workflow = await _read(body.source)
    except Malformed as problem:
        return JSON({"name": None, "errors": problem.extra["errors"], "warnings": []})
    async with parts.db.tenant(caller.tenant_id) as tx:
        return JSON({"name": workflow.name, "errors": [], "warnings": await _warnings(tx, workflow)})


@router.post("/try")
async def try_workflow(caller: ActionAdmin, body: Tried, parts: P) -> Response:
    """How a conversation would go. Look-ups are done for that customer, and audited where a rule refuses them; nothing is proposed."""
    if (body.name is None) == (body.source is None):
        message = "give the name of a workflow, or a source"
        raise Malformed(f"The request is malformed: {message}", errors=[{"field": "source", "message": message}])
    async with parts.db.tenant(caller.tenant_id) as tx:
        stored = (await store.get(tx, body.name)).workflow if body.name is not None else None
        session = await _session(tx, body, caller.name)
    workflow = stored or await _read(body.source or "")
    doer = Rehearsal(parts.acting, session)
    heard = await rehearsing.rehearse(workflow, body.messages, doer, clock.now().date(), body.page_url)
    return JSON({"items": [each.as_json() for each in heard]})


@router.get("/{name}")
async def get_workflow(caller: RegistryReader, name: Text, parts: P) -> Response:
    """One workflow, as it was written."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        entry = await store.get(tx, name)
        return JSON(_shown(entry) | {"warnings": await _warnings(tx, entry.workflow)})


@router.put("/{name}")
async def put_workflow(caller: ActionAdmin, name: Text, body: WrittenWorkflow, parts: P) -> Response:
    """The workflow as it is from now on: a new version, unless nothing changed. What is under way goes on as it began."""
    workflow = await _read(body.source)
    if workflow.name != name:
        message = f"the document is named {workflow.name}, and not as the address is"
        raise Malformed(f"The workflow is malformed: {message}", errors=[{"field": "name", "message": message}])
    async with parts.db.tenant(caller.tenant_id) as tx:
        entry = await store.save(tx, workflow, body.source, caller.name, expected=body.expected_version)
        return JSON(_shown(entry) | {"warnings": await _warnings(tx, workflow)})


@router.delete("/{name}", status_code=204)
async def delete_workflow(caller: ActionAdmin, name: Text, parts: P) -> Response:
    """It begins no more; what is under way goes on, and its history stays."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await store.remove(tx, name, caller.name)
    return Response(status_code=204)


@router.get("/{name}/versions")
async def list_versions(caller: RegistryReader, name: Text, parts: P) -> Response:
    """What a workflow was, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        saved = await store.history(tx, name)
    items = [
        {
            "version": each.version,
            "removed": each.removed,
            "author": each.author,
            "created_at": each.created_at,
            "source": each.source,
        }
        for each in saved
    ]
    return JSON({"items": items})


@router.post("/{name}/restore")
async def restore_workflow(caller: ActionAdmin, name: Text, body: Old, parts: P) -> Response:
    """An old version, in force again as a new one."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        entry = await store.restore(tx, name, body.version, caller.name)
        return JSON(_shown(entry) | {"warnings": await _warnings(tx, entry.workflow)})


async def _read(source: str) -> Workflow:
    """Off the loop: the longest document takes a third of a second."""
    return await asyncio.to_thread(reading.read, source)


async def _session(tx: Tx, body: Tried, by: str) -> Rehearsing:
    """The customer's, in no conversation; or that of somebody whom nobody knows."""
    nowhere = ConversationId(ids.new()), TicketId(ids.new())
    tenant_id = TenantId(tx.tenant_id)
    if body.customer_id is None:
        return Rehearsing(tenant_id, *nowhere, CustomerId(ids.new()), None, "free", Authority(), None, by)
    found = await customers.get(tx, CustomerId(ids.read("cus", body.customer_id, "customer_id")))
    authority = Authority(body.identity)
    return Rehearsing(tenant_id, *nowhere, found.id, found.external_id, found.tier, authority, None, by)


async def _warnings(tx: Tx, workflow: Workflow) -> list[str]:
    return checking.warnings(workflow, [action.definition for action in await registry.every(tx)])


def _listed(entry: Entry) -> dict[str, Any]:
    workflow = entry.workflow
    return {
        "name": entry.name,
        "title": workflow.title,
        "description": workflow.description,
        "intents": list(workflow.intents),
        "version": entry.version,
        "author": entry.author,
        "created_at": entry.created_at,
    }


def _shown(entry: Entry) -> dict[str, Any]:
    return _listed(entry) | {"source": entry.source, "definition": entry.body}
