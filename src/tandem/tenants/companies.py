"""A company that uses Tandem: how it comes to be, and what its pages look and sound like."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

import pydantic
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tandem import ids
from tandem.db import Database, Jsonb, Queries, Tx
from tandem.errors import Malformed
from tandem.ids import TenantId
from tandem.tenants import keys, members, policy, teams, tokens
from tandem.tenants.callers import ALL_SCOPES, Role
from tandem.tenants.sealing import Sealer

Q = Queries("tandem.tenants")

RSA_BITS = 2048
"""The shortest RSA key that may sign (RFC 7518, section 3.3)."""


class Look(pydantic.BaseModel):
    """How the tenant's widget looks and speaks."""

    model_config = pydantic.ConfigDict(frozen=True, extra="ignore")

    assistant_name: str = "Assistant"
    greeting: str = "Hello! What can I help you with?"
    ai_notice: str = (
        "You are talking to an AI assistant. It answers from our help articles, and a person is always one click away."
    )
    starters: tuple[str, ...] = ()
    brand_color: str = pydantic.Field(default="#2f5d50", pattern="^#[0-9a-fA-F]{6}$")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One company."""

    id: TenantId
    name: str
    slug: str
    settings: dict[str, Any]
    widget_key: str
    identity_secret: bytes

    @property
    def look(self) -> Look:
        """The widget's look, defaults filled in."""
        return Look.model_validate(self.settings.get("look", {}))

    @property
    def identity_public_key(self) -> str | None:
        """The PEM of the RSA key whose private half signs identity tokens; None: only the identity secret does."""
        return self.settings.get("identity_public_key")


@dataclass(frozen=True, slots=True)
class Created:
    """What the operator gets to see once, when a tenant is made."""

    tenant_id: TenantId
    api_key: str
    widget_key: str
    identity_secret: str
    admin_email: str
    admin_password: str


async def create(
    db: Database,
    sealer: Sealer,
    name: str,
    *,
    admin_name: str = "Admin",
    admin_email: str | None = None,
    admin_password: str | None = None,
    look: Look | None = None,
) -> Created:
    """A new tenant with an API key of every scope, a widget key, an identity secret and an admin who can log in."""
    tenant_id = TenantId(ids.new())
    widget = tokens.make("wk", tenant_id, tenant_id)
    identity_secret = secrets.token_urlsafe(32)
    slug = _slug(name)
    email = admin_email or f"admin@{slug}-{str(tenant_id)[-4:]}.example"
    password = admin_password or secrets.token_urlsafe(12)
    password_hash = await members.hash_password(password)
    async with db.tenant(tenant_id) as tx:
        await tx.run(
            Q.add_tenant,
            id=tenant_id,
            name=name,
            slug=slug,
            settings=Jsonb({"look": (look or Look()).model_dump()}),
            widget_key=widget.text,
            identity_secret=sealer.seal(tenant_id, "identity_secret", identity_secret.encode()),
        )
        await policy.start(tx)
        await teams.start(tx)
        api_key = await keys.add(tx, tenant_id, "first key", ALL_SCOPES)
        await members.add(tx, email, admin_name, Role.ADMIN, password_hash)
    return Created(tenant_id, api_key, widget.text, identity_secret, email, password)


@dataclass(frozen=True, slots=True)
class Each:
    """A tenant's id."""

    tenant_id: TenantId


async def every(db: Database) -> list[TenantId]:
    """Every tenant, for what is done by the clock."""
    async with db.nobody() as tx:
        return [each.tenant_id for each in await tx.all(Q.every_tenant, Each)]


async def get(tx: Tx) -> Tenant:
    """The tenant of this transaction. Raises Missing when there is none."""
    return await tx.one(Q.tenant, Tenant)


async def set_look(tx: Tx, look: Look) -> None:
    """Change how the widget looks and speaks."""
    await tx.run(Q.set_settings, settings=Jsonb({"look": look.model_dump()}))


async def set_identity_public_key(tx: Tx, pem: str | None) -> None:
    """Let identity tokens be signed with RS256 too; None ends that. Raises Malformed when it is no RSA key of 2048 bits."""
    if pem is not None:
        _require_rsa(pem)
    await tx.run(Q.set_settings, settings=Jsonb({"identity_public_key": pem}))


def _require_rsa(pem: str) -> None:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < RSA_BITS:
        message = f"takes an RSA public key of at least {RSA_BITS} bits in PEM"
        raise Malformed(
            f"identity_public_key {message}.", errors=[{"field": "identity_public_key", "message": message}]
        )


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "tenant"
