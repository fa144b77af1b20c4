"""A tenant's own keys for providers of language models: sealed at rest, used instead of the operator's, shown never again."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem.db import Queries, Tx
from tandem.errors import Malformed, NotFound
from tandem.tenants.sealing import Sealer

Q = Queries("tandem.tenants")

SHORTEST, LONGEST = 8, 4000
"""Characters of a key: providers' are 30 to 200 long, and a cloud's signed ones some thousand."""

LAST = 4


@dataclass(frozen=True, slots=True)
class ModelKey:
    """What may be known of a key: whose provider it is for, how it ends, who set it and when."""

    provider: str
    last4: str
    author: str
    created_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "provider": self.provider,
            "last4": self.last4,
            "author": self.author,
            "created_at": self.created_at,
        }


async def every(tx: Tx) -> list[ModelKey]:
    """The tenant's keys, by provider."""
    return await tx.all(Q.model_keys, ModelKey)


async def put(tx: Tx, sealer: Sealer, provider: str, key: str, author: str) -> ModelKey:
    """This key from now on, from the next turn. Raises Malformed for what cannot be a key."""
    key = key.strip()
    if not SHORTEST <= len(key) <= LONGEST or not key.isascii() or not key.isprintable() or " " in key:
        sentence = f"A key has {SHORTEST} to {LONGEST:,} characters, and no spaces."
        raise Malformed(sentence, errors=[{"field": "key", "message": sentence}])
    sealed = sealer.seal(tx.tenant_id, _field(provider), key.encode())
    return await tx.one(Q.put_model_key, ModelKey, provider=provider, sealed=sealed, last4=key[-LAST:], author=author)


async def remove(tx: Tx, provider: str) -> None:
    """The operator's key again. Raises NotFound."""
    if not await tx.run(Q.remove_model_key, provider=provider):
        raise NotFound("There is no key for this provider.")


def opened(sealer: Sealer, tenant_id: UUID, sealed: Mapping[str, str] | None) -> dict[str, str]:
    """Keys by provider, from base64 as the database gives them. Raises Unsealable."""
    return {
        provider: sealer.open(tenant_id, _field(provider), base64.b64decode(text)).decode()
        for provider, text in (sealed or {}).items()
    }


def _field(provider: str) -> str:
    return f"model_key.{provider}"
