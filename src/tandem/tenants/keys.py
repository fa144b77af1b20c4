"""API keys: how a tenant's own servers call."""

from collections.abc import Iterable
from dataclasses import dataclass

from tandem import ids
from tandem.db import Database, Queries, Tx
from tandem.ids import TenantId
from tandem.tenants import tokens
from tandem.tenants.callers import Scope, ServerCaller

Q = Queries("tandem.tenants")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is stored of a key."""

    secret_hash: bytes
    scopes: list[str]


async def add(tx: Tx, tenant_id: TenantId, name: str, scopes: Iterable[Scope]) -> str:
    """A new key. Its text is returned here and never again."""
    token = tokens.make("tk", tenant_id, ids.new())
    await tx.run(
        Q.add_api_key,
        id=token.id,
        name=name,
        secret_hash=token.secret_hash,
        last4=token.last4,
        scopes=[str(s) for s in scopes],
    )
    return token.text


async def caller(db: Database, text: str) -> ServerCaller | None:
    """Who calls with this key, or None when it is not valid."""
    shown = tokens.parse("tk", text)
    if shown is None:
        return None
    async with db.reading(shown.tenant_id) as tx:
        found = tx.later(Q.api_key, id=shown.id)
    key = found.maybe(ApiKey)
    if key is None or not shown.matches(key.secret_hash):
        return None
    return ServerCaller(TenantId(shown.tenant_id), str(shown.id), frozenset(Scope(scope) for scope in key.scopes))
