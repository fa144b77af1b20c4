"""Secrets that callers carry: `prefix_` + base64url of tenant id, row id and 256 random bits.

The tenant stands in the token, so that a look-up happens inside that tenant's row-level security; only the hash of
the random part is stored. Comparison takes constant time.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A secret to hand out once, and what to store of it."""

    text: str
    id: UUID
    secret_hash: bytes

    @property
    def last4(self) -> str:
        """What may be shown later."""
        return self.text[-4:]


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that somebody showed: nothing in it is proven yet."""

    tenant_id: UUID
    id: UUID
    secret: bytes

    def matches(self, secret_hash: bytes) -> bool:
        """Whether this is the secret that was handed out."""
        return hmac.compare_digest(_hash(self.secret), secret_hash)


def make(prefix: str, tenant_id: UUID, id: UUID) -> Token:
    """A fresh token."""
    secret = secrets.token_bytes(SECRET_BYTES)
    body = base64.urlsafe_b64encode(tenant_id.bytes + id.bytes + secret).rstrip(b"=").decode()
    return Token(f"{prefix}_{body}", id, _hash(secret))


def parse(prefix: str, text: str) -> Presented | None:
    """What a token says, or None when it is none of ours."""
    head, _, body = text.partition("_")
    if head != prefix or len(body) != 86:
        return None
    try:
        raw = base64.b64decode(body + "==", altchars=b"-_", validate=True)
    except ValueError:
        return None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != body:
        return None  # one token has one spelling
    return Presented(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
