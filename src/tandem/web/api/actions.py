"""The registry of actions, the ledger of what was done, approvals, and what a customer or their company's server asks for."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

import pydantic
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tandem import ids
from tandem.actions import definition, ledger, registry, telling, what_if
from tandem.actions.definition import Described
from tandem.actions.ledger import Listed, RunStatus
from tandem.actions.proposed import Proposed
from tandem.actions.registry import Entry
from tandem.actions.rules import Refused
from tandem.actions.session import Authority, Session, open_session
from tandem.conversations import log, threads
from tandem.conversations.log import News
from tandem.errors import Conflict, Forbidden, Malformed, NotFound, Problem
from tandem.ids import TicketId
from tandem.tenants.callers import CustomerCaller, MemberCaller, ServerCaller
from tandem.tickets import tickets
from tandem.web import limits
from tandem.web.cursors import pack, unpack
from tandem.web.doors import ActionAdmin, Approver, Asker, RegistryReader, acting_scopes, customer_or_404
from tandem.web.json import JSON, Input, Nothing, Text
from tandem.web.once import OnceRoute
from tandem.web.parts import P, Parts

router = APIRouter(prefix="/v1", route_class=OnceRoute)


class ActionRefused(Forbidden):
    """A rule stands against the action: `rule` (in extra) names it. Nothing was done, and the refusal is in the audit."""

    code, title = "action_refused", "This was not done"


class ConfirmationNeeded(Conflict):
    """The customer has to agree first: show them `proposal` (in extra), and send its `confirm_token` with the same parameters."""

    code, title = "confirmation_needed", "The customer has to confirm this first"


class NotConfirmable(Conflict):
    """It cannot be confirmed like this (any more): `rule` (in extra) says why. Ask for it again and show the new proposal."""

    code, title = "not_confirmable", "This cannot be confirmed"


class Wanted(Input):
    """What is to be looked up or done for a ticket's customer (S1). What was proposed may be named by its `action_id` instead of
    by type and parameters, of which a card does not show all."""

    ticket_id: str
    action_type: str = pydantic.Field(default="", max_length=100)
    parameters: dict[str, Any] = pydantic.Field(default_factory=dict)
    action_id: str | None = None
    confirmed_by_customer: bool = False
    confirm_token: str | None = pydantic.Field(default=None, max_length=200)

    @pydantic.model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.action_type) == (self.action_id is not None):
            raise ValueError("say action_type or action_id, one of the two")
        return self


class WrittenAction(Described):
    """An action as it is to be; its name stands in the address, and may stand here too."""

    name: str | None = None


class Reason(Input):
    """Why somebody decided so."""

    reason: str | None = pydantic.Field(default=None, max_length=1000)


class FoundOut(Reason):
    """Whether it was done, as a person saw at the backend. The customer reads the reason why it was not."""

    outcome: Literal["done", "failed"]


class NewSecret(Input):
    """A signing secret of one's own; without one a fresh one is made."""

    secret: str | None = pydantic.Field(default=None, max_length=200)


class OtherLimits(Input):
    """Limits to try on the past."""

    limits: dict[str, Any]
    days: int = pydantic.Field(default=90, ge=1, le=365)


# ------------------------------------------------------------------ the registry


@router.get("/actions")
async def list_actions(caller: RegistryReader, parts: P) -> Response:
    """Every action, by name."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await registry.every(tx)
    return JSON({"items": [_shown(entry) for entry in found]})


@router.get("/actions/runs")
async def list_runs(
    caller: RegistryReader,
    parts: P,
    status: Annotated[list[RunStatus] | None, Query()] = None,
    action: Annotated[Text | None, Query(max_length=64)] = None,
    conversation_id: Text | None = None,
    needs_person: bool = False,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The ledger, newest first."""
    before, before_id = unpack(cursor) if cursor else (None, None)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await tx.all(
            ledger.Q.page,
            Listed,
            statuses=[str(each) for each in status] if status else None,
            action=action,
            conversation_id=ids.read("cnv", conversation_id, "conversation_id") if conversation_id else None,
            needs_person=needs_person,
            before=before,
            before_id=before_id,
            most=limit,
        )
    more = pack(found[-1].proposed_at, found[-1].id) if len(found) == limit else None
    return JSON({"items": [_listed(run) for run in found], "next_cursor": more})


@router.get("/actions/audit")
async def audit(
    caller: ActionAdmin, parts: P, before: Text | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Response:
    """What happened to runs and what was refused, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        lines = await tx.all(
            ledger.Q.audit,
            ledger.Audited,
            run_id=None,
            before=ids.read("aud", before, "before") if before else None,
            most=limit,
        )
    more = ids.show("aud", lines[-1].id) if len(lines) == limit else None
    return JSON({"items": [_audited(line) for line in lines], "next_before": more})


@router.get("/actions/runs/{id}")
async def run(caller: RegistryReader, id: str, parts: P) -> Response:
    """One run with who approved it and everything that happened to it."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await ledger.get(tx, ids.read("act", id))
        entry = await registry.version(tx, found.action, found.version)
        lines = await tx.all(ledger.Q.audit, ledger.Audited, run_id=found.id, before=None, most=200)
        agreed = await ledger.approvals(tx, found.id)
    shown = {
        "action_id": found.shown_id,
        "action_type": found.action,
        "version": found.version,
        "status": found.status,
        "summary": found.summary,
        "parameters": telling.shown_arguments(entry.definition, found.arguments),
        "amount": str(found.money) if found.money else None,
        "quote": found.quote,
        "result": found.result,
        "error": found.error,
        "undoes": ids.show("act", found.undoes) if found.undoes else None,
        "can_undo": entry.definition.handler is not None and entry.definition.handler.undo_url is not None,
        "conversation_id": ids.show("cnv", found.conversation_id),
        "ticket_id": ids.show("tkt", found.ticket_id),
        "turn_id": ids.show("trn", found.turn_id) if found.turn_id else None,
        "attempt": found.attempt,
        "needs_person": found.needs_person,
        "approvals_needed": found.approvals,
        "approvals": [
            {"name": each.name, "agrees": each.agrees, "reason": each.reason, "created_at": each.created_at}
            for each in agreed
        ],
        "history": [_audited(line) for line in reversed(lines)],
        "expires_at": found.expires_at,
        "proposed_at": found.proposed_at,
        "confirmed_at": found.confirmed_at,
        "finished_at": found.finished_at,
    }
    return JSON(shown)


@router.get("/actions/{name}")
async def action(caller: RegistryReader, name: Text, parts: P) -> Response:
    """One action, with what may be shown of its secrets."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        entry = await registry.get(tx, name)
        secrets = await registry.secrets_of(tx, name)
    kept = [{"last4": each.last4, "created_at": each.created_at, "retires_at": each.retires_at} for each in secrets]
    return JSON({**_shown(entry), "secrets": kept})


@router.get("/actions/{name}/versions")
async def versions(caller: RegistryReader, name: Text, parts: P) -> Response:
    """What an action was, newest first."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        saved = await registry.history(tx, name)
    if not saved:
        raise NotFound("There is no such action.")
    items = [
        {
            "version": each.version,
            "removed": each.removed,
            "author": each.author,
            "created_at": each.created_at,
            "definition": each.body,
        }
        for each in saved
    ]
    return JSON({"items": items})


@router.put("/actions/{name}")
async def put_action(caller: ActionAdmin, name: Text, body: WrittenAction, parts: P) -> Response:
    """The action as it is from now on: a new version, unless nothing changed."""
    if body.name not in (None, name):
        raise Malformed("The name does not fit the address.", errors=[{"field": "name", "message": f"must be {name}"}])
    new = definition.read(body.model_dump(mode="json", by_alias=True, exclude_unset=True) | {"name": name})
    async with parts.db.tenant(caller.tenant_id) as tx:
        entry = await registry.save(tx, new, caller.name)
    return JSON(_shown(entry))


@router.delete("/actions/{name}", status_code=204)
async def delete_action(caller: ActionAdmin, name: Text, parts: P) -> Response:
    """It is offered no more; its history and its runs stay."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        await registry.remove(tx, name, caller.name)
    return Response(status_code=204)


@router.post("/actions/{name}/secret", status_code=201)
async def new_secret(caller: ActionAdmin, name: Text, body: NewSecret, parts: P) -> Response:
    """What its requests are signed with from now on; shown this once. The one before it signs too for a day."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        if body.secret:
            await registry.set_secret(tx, parts.sealer, name, body.secret)
            shown = None
        else:
            shown = await registry.renew_secret(tx, parts.sealer, name)
    return JSON({"secret": shown, "grace_s": registry.GRACE_S}, 201)


@router.post("/actions/{name}/what-if")
async def try_limits(caller: ActionAdmin, name: Text, body: OtherLimits, parts: P) -> Response:
    """What other limits would have done with the runs of the last days."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        entry = await registry.get(tx, name)
        past = await tx.all(ledger.Q.past, ledger.Past, action=name, days=body.days)
    other = definition.read({**entry.body, "limits": body.limits}).limits
    return JSON({"action": name, "days": body.days, **what_if.compare(past, entry.definition.limits, other)})


# ------------------------------------------------------------------ approvals


@router.post("/actions/runs/{id}/approve")
async def approve(caller: Approver, id: str, parts: P, body: Reason | None = None) -> Response:
    """Agree. When everybody who has to has agreed, it is done at once."""
    who, name = _approver(caller)
    stands = await parts.acting.approve(caller.tenant_id, ids.read("act", id), who, name, body.reason if body else None)
    return JSON(stands.state())


@router.post("/actions/runs/{id}/reject")
async def reject(caller: Approver, id: str, parts: P, body: Reason | None = None) -> Response:
    """Do not agree: it is not done, and the customer is told."""
    who, name = _approver(caller)
    stands = await parts.acting.reject(caller.tenant_id, ids.read("act", id), who, name, body.reason if body else None)
    return JSON(stands.state())


@router.post("/actions/runs/{id}/settle")
async def settle(caller: Approver, id: str, body: FoundOut, parts: P) -> Response:
    """Say whether it was done, of a run that no machine could find that out of."""
    who, name = _approver(caller)
    by = f"{name} ({who})"
    run_id = ids.read("act", id)
    stands = await parts.acting.settle(caller.tenant_id, run_id, done=body.outcome == "done", by=by, reason=body.reason)
    return JSON(stands.state())


@router.post("/actions/runs/{id}/undo")
async def undo(caller: Approver, id: str, parts: P, body: Nothing | None = None) -> Response:
    """Take it back, where the backend offers that."""
    _, name = _approver(caller)
    stands = await parts.acting.undo(caller.tenant_id, ids.read("act", id), name)
    return JSON(stands.state())


# ------------------------------------------------------------------ for a customer


@router.post("/actions/runs/{id}/cancel")
async def cancel(caller: Asker, id: str, parts: P, body: Nothing | None = None) -> Response:
    """The customer does not want what was proposed."""
    run_id = ids.read("act", id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await ledger.get(tx, run_id)
        session = await open_session(tx, found.conversation_id, _authority(caller), customer_or_404(caller))
    stands = await parts.acting.void(session, run_id)
    return JSON(stands.state())


@router.post("/support/action")
async def support_action(caller: Asker, request: Request, body: Wanted, parts: P) -> Response:
    """Look something up, or do it: a change answers 409 with its proposal until it comes with the customer's confirmation."""
    session = await _session(parts, caller, body.ticket_id)
    if isinstance(caller, CustomerCaller):
        await limits.count(request, "action", str(caller.customer_id), limits.ACTIONS)
    run_id = None
    if body.action_id is not None:
        run_id = ids.read("act", body.action_id, "action_id")
        body = await _named(parts, session, run_id, body)
    try:
        return JSON(await _wanted(parts, session, caller.name, body, run_id))
    except Refused as refused:
        raise await _problem(parts, session, body, refused) from None


async def _named(parts: Parts, session: Session, run_id: UUID, body: Wanted) -> Wanted:
    """The same with the type and the parameters of what was proposed in this conversation. Raises NotFound."""
    async with parts.db.tenant(session.tenant_id) as tx:
        run = await ledger.get(tx, run_id)
    if (run.conversation_id, run.customer_id) != (session.conversation_id, session.customer_id):
        raise NotFound("There is no such action.")
    return body.model_copy(update={"action_type": run.action, "parameters": run.arguments})


async def _wanted(parts: Parts, session: Session, by: str, body: Wanted, run_id: UUID | None = None) -> dict[str, Any]:
    acting = parts.acting
    confirmed = body.confirm_token if body.confirmed_by_customer else None
    if run_id is not None and confirmed:
        return (await acting.confirm(session, run_id, confirmed, by)).state()
    async with parts.db.tenant(session.tenant_id) as tx:
        entry = await tx.maybe(registry.Q.action, Entry, name=body.action_type)
    if entry is None or entry.definition.kind == "look_up":
        found = await acting.look_up(session, body.action_type, body.parameters)
        known = entry.definition.shows.customer if entry else None
        seen = telling.seen(found.result, known) if found.result is not None else None
        status = "executed" if found.is_found else "failed"
        return {
            "action_id": None,
            "action_type": body.action_type,
            "status": status,
            "result": seen,
            "error": found.error or None,
        }
    there = await acting.find(session, body.action_type, body.parameters)
    if there is not None and confirmed:
        return (await acting.confirm(session, there.run.id, confirmed, by)).state()
    if confirmed:
        await acting.misfit(session, body.action_type, body.parameters, confirmed)
    stands = await acting.propose(session, body.action_type, body.parameters)
    if stands.token is None:
        return stands.state()
    await _told(parts, session, stands)
    raise ConfirmationNeeded(rule="confirmation", proposal=stands.card())


async def _problem(parts: Parts, session: Session, body: Wanted, refused: Refused) -> Problem:
    """A refusal as the API says it; where only the confirmation was wrong, with what there is to confirm."""
    rule, sentence = refused.rule, refused.sentence
    if rule in ("schema", "amount"):
        return Malformed(sentence, rule=rule, errors=[{"field": "parameters", "message": sentence}])
    if rule == "unknown_action":
        return NotFound(sentence, rule=rule)
    if rule in ("confirmation", "expired", "changed"):
        try:
            stands = await parts.acting.propose(session, body.action_type, body.parameters)
        except Refused:
            return NotConfirmable(sentence, rule=rule)
        if stands.token is not None:
            await _told(parts, session, stands)
        return NotConfirmable(sentence, rule=rule, proposal=stands.card() if stands.token else None)
    return ActionRefused(sentence, rule=rule)


async def _told(parts: Parts, session: Session, stands: Proposed) -> None:
    """Whoever has the conversation open sees the card too."""
    async with parts.db.tenant(session.tenant_id) as tx:
        found = await threads.get(tx, session.conversation_id, lock=True)
        await log.append(tx, parts.hub, found.id, [News("action_proposed", stands.card())])


async def _session(parts: Parts, caller: CustomerCaller | ServerCaller, ticket_id: str) -> Session:
    owner = customer_or_404(caller)
    async with parts.db.tenant(caller.tenant_id) as tx:
        ticket = await tickets.get(tx, TicketId(ids.read("tkt", ticket_id, "ticket_id")))
        conversation = await threads.get(tx, ticket.conversation_id, owner=owner, asked="ticket")
        return await open_session(tx, conversation.id, _authority(caller), owner)


def _authority(caller: CustomerCaller | ServerCaller) -> Authority:
    """What the door knows: a company's own server has asked the customer who they are."""
    if isinstance(caller, ServerCaller):
        return Authority("verified", acting_scopes(caller))
    return Authority("verified" if caller.verified else "anyone", caller.scopes)


def _approver(caller: MemberCaller | ServerCaller) -> tuple[str, str]:
    who = f"member {caller.member_id}" if isinstance(caller, MemberCaller) else caller.name
    return who, caller.name


# ------------------------------------------------------------------ as the API shows it


def _shown(entry: Entry) -> dict[str, Any]:
    body = entry.definition.model_dump(mode="json", by_alias=True)
    return {**body, "version": entry.version, "author": entry.author, "updated_at": entry.created_at}


def _listed(run: Listed) -> dict[str, Any]:
    moves = ledger.money_of(run.amount_minor, run.currency)
    return {
        "action_id": ids.show("act", run.id),
        "action_type": run.action,
        "version": run.version,
        "status": run.status,
        "summary": run.summary,
        "parameters": run.arguments,
        "amount": str(moves) if moves else None,
        "amount_minor": run.amount_minor,
        "currency": run.currency,
        "quote": run.quote,
        "result": run.result,
        "error": run.error,
        "undoes": ids.show("act", run.undoes) if run.undoes else None,
        "needs_person": run.needs_person,
        "approvals_needed": run.approvals,
        "approvals_given": run.agreed,
        "customer": {"id": ids.show("cus", run.customer_id), "name": run.customer_name, "external_id": run.external_id},
        "tier": run.tier,
        "conversation_id": ids.show("cnv", run.conversation_id),
        "ticket_id": ids.show("tkt", run.ticket_id),
        "proposed_at": run.proposed_at,
        "confirmed_at": run.confirmed_at,
        "confirmed_by": run.confirmed_by,
        "finished_at": run.finished_at,
    }


def _audited(line: ledger.Audited) -> dict[str, Any]:
    return {
        "id": ids.show("aud", line.id),
        "action_type": line.action,
        "action_id": ids.show("act", line.run_id) if line.run_id else None,
        "conversation_id": ids.show("cnv", line.conversation_id) if line.conversation_id else None,
        "what": line.what,
        "rule": line.rule,
        "actor": line.actor,
        "detail": line.detail,
        "created_at": line.created_at,
    }
