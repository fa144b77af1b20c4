"""A request that is sent twice is done once: the first answer is kept under the caller's Idempotency-Key."""

from dataclasses import dataclass
from typing import Any

from tandem.db import Database, Jsonb, Queries
from tandem.errors import Conflict, Malformed
from tandem.ids import TenantId

Q = Queries("tandem.tenants")


class KeyReused(Malformed):
    """The same Idempotency-Key came with another request. Use a new key for a new request."""

    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request"


class StillRunning(Conflict):
    """The first request with this key has not finished. Ask again in a moment."""

    code, title = "still_running", "The first request with this Idempotency-Key is still running"


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What was asked and answered before; `status` is None while it runs."""

    fingerprint: bytes
    status: int | None
    answer: dict[str, Any] | None


async def claim(db: Database, tenant_id: TenantId, caller: str, key: str, fingerprint: bytes) -> FirstAnswer | None:
    """None: go ahead, the key is yours. Else the first answer. Raises KeyReused or StillRunning."""
    async with db.tenant(tenant_id) as tx:
        if await tx.run(Q.claim_key, caller=caller, key=key, fingerprint=fingerprint):
            return None
        first = await tx.one(Q.recall_answer, FirstAnswer, caller=caller, key=key)
    if first.fingerprint != fingerprint:
        raise KeyReused
    if first.status is None:
        raise StillRunning
    return first


async def keep(db: Database, tenant_id: TenantId, caller: str, key: str, status: int, answer: Any) -> None:
    """Remember the answer."""
    async with db.tenant(tenant_id) as tx:
        await tx.run(Q.keep_answer, caller=caller, key=key, status=status, answer=Jsonb(answer))


async def free(db: Database, tenant_id: TenantId, caller: str, key: str) -> None:
    """The request came to nothing; the key may be used again."""
    async with db.tenant(tenant_id) as tx:
        await tx.run(Q.free_key, caller=caller, key=key)
