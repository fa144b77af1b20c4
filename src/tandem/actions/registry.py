"""The registry's rows: every version of every action, and what its requests are signed with."""

import base64
import secrets as random
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem import ids
from tandem.actions import definition
from tandem.actions.definition import Definition
from tandem.db import Jsonb, Later, Queries, Tx, Unique
from tandem.errors import Conflict, Malformed, NotFound
from tandem.tenants.sealing import Sealer

Q = Queries("tandem.actions")

MOST = 200
"""Actions of a tenant: more would not fit into a model's prompt."""

SECRET_PREFIX = "whsec_"  # noqa: S105 (how Standard Webhooks write a secret)
SECRET_BYTES = 32
GRACE_S = 86400.0
"""How long requests are signed with the old secret too, after a new one was made."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of an action as stored."""

    name: str
    version: int
    body: dict[str, Any]
    author: str
    created_at: datetime

    @property
    def definition(self) -> Definition:
        """What it says."""
        return definition.stored(self.body)


@dataclass(frozen=True, slots=True)
class Saved:
    """A version in an action's history."""

    version: int
    body: dict[str, Any]
    removed: bool
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Newest:
    """A version's number."""

    version: int


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret as stored; `last4` is all that is ever shown again."""

    id: UUID
    sealed: bytes
    last4: str
    created_at: datetime
    retires_at: datetime | None


async def every(tx: Tx) -> list[Entry]:
    """All actions, by name."""
    return await tx.all(Q.actions, Entry)


async def get(tx: Tx, name: str) -> Entry:
    """One action. Raises NotFound."""
    found = await tx.maybe(Q.action, Entry, name=name)
    if found is None:
        raise NotFound("There is no such action.")
    return found


async def version(tx: Tx, name: str, number: int) -> Entry:
    """An action as it was when a run was proposed. Raises NotFound."""
    found = await tx.maybe(Q.action_version, Entry, name=name, version=number)
    if found is None:
        raise NotFound("There is no such version of the action.")
    return found


async def history(tx: Tx, name: str) -> list[Saved]:
    """Every version of an action, newest first."""
    return await tx.all(Q.action_versions, Saved, name=name)


async def save(tx: Tx, new: Definition, author: str) -> Entry:
    """The definition as the newest version; the same again changes nothing.

    Raises Malformed where the owner's look-up is none, or a tenant has too many actions; Conflict when somebody was faster.
    """
    known = {entry.name: entry for entry in await every(tx)}
    for owner in new.owner:
        if owner.look_up is None or (owner.look_up == new.name and not new.changes):
            continue
        found = known.get(owner.look_up)
        if found is None or found.definition.kind != "look_up":
            sentence = f"{owner.look_up!r} is no look-up of yours; make it first"
            raise Malformed(f"The action is malformed: {sentence}", errors=[{"field": "owner", "message": sentence}])
    body = new.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    current = known.get(new.name)
    if current is not None and current.body == body:
        return current
    if current is None and len(known) >= MOST:
        raise Malformed(f"There are {MOST} actions already.", errors=[{"field": "name", "message": "too many actions"}])
    return await _add(tx, new.name, body, author)


async def remove(tx: Tx, name: str, author: str) -> None:
    """It is not offered any more; its history and its runs stay. Raises NotFound."""
    entry = await get(tx, name)
    await _add(tx, name, entry.body, author, removed=True)


async def _add(tx: Tx, name: str, body: dict[str, Any], author: str, *, removed: bool = False) -> Entry:
    newest = (await tx.one(Q.newest_version, Newest, name=name)).version + 1
    try:
        await tx.run(Q.add_action, name=name, version=newest, body=Jsonb(body), removed=removed, author=author)
    except Unique as problem:
        raise Conflict("Somebody else changed this action just now. Look at it again.") from problem
    return await version(tx, name, newest)


async def renew_secret(tx: Tx, sealer: Sealer, name: str) -> str:
    """A fresh signing secret, shown this once; the one before it signs too for a day. Raises NotFound."""
    await get(tx, name)
    raw = random.token_bytes(SECRET_BYTES)
    shown = SECRET_PREFIX + base64.b64encode(raw).decode()
    await _keep(tx, sealer, name, raw, shown[-4:])
    return shown


async def set_secret(tx: Tx, sealer: Sealer, name: str, shown: str) -> None:
    """The tenant's own secret. Raises Malformed when it is not written as `whsec_` and base64 of 24 to 64 bytes."""
    try:
        raw = base64.b64decode(shown.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        raw = b""
    if not 24 <= len(raw) <= 64:
        raise Malformed(
            "The secret is written as whsec_ and base64 of 24 to 64 bytes.",
            errors=[{"field": "secret", "message": "whsec_… with 24 to 64 bytes"}],
        )
    await get(tx, name)
    await _keep(tx, sealer, name, raw, shown[-4:])


def signing_later(tx: Tx, name: str) -> Later:
    """What the action's requests are signed with, still sealed, with the transaction's next round trip."""
    return tx.later(Q.secrets, name=name)


def signing(tenant_id: UUID, sealer: Sealer, name: str, sealed: Later) -> tuple[bytes, ...]:
    """The same opened, newest first; none when it has no secret."""
    return tuple(sealer.open(tenant_id, f"action {name}", secret.sealed) for secret in sealed.all(Secret))


async def secrets_of(tx: Tx, name: str) -> list[Secret]:
    """What may be shown of them."""
    return await tx.all(Q.secrets, Secret, name=name)


async def _keep(tx: Tx, sealer: Sealer, name: str, raw: bytes, last4: str) -> None:
    fresh = ids.new()
    await tx.run(
        Q.add_secret, id=fresh, name=name, sealed=sealer.seal(tx.tenant_id, f"action {name}", raw), last4=last4
    )
    await tx.run(Q.retire_secrets, name=name, id=fresh, grace_s=GRACE_S)
