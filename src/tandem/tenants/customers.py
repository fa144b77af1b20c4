"""Customers: who writes in, and how a browser or the tenant's own server says who that is.

A widget session is anonymous, or verified by a JWT that the tenant's own backend signed with its identity secret.
What a customer writes is never a reason to believe who they are.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from tandem import ids
from tandem.db import Database, Queries, Tx
from tandem.errors import NotFound, SignedOut
from tandem.ids import CustomerId, TenantId
from tandem.tenants import companies, tokens
from tandem.tenants.callers import CustomerCaller
from tandem.tenants.companies import Tenant
from tandem.tenants.sealing import Sealer

Q = Queries("tandem.tenants")

ANONYMOUS_S = 30 * 86400
VERIFIED_S = 86400
"""How long a widget's session lives (frontend.md)."""

IDENTITY_MAX_S = 3600
"""The longest life of an identity token (api.md)."""

LEEWAY_S = 30
"""How far two servers' clocks may be apart."""


SUB_CHARS = 200
"""The longest id of a customer; it stands in an index."""

SCOPES = 20
SCOPE = re.compile(r"[\w:.-]{1,60}", re.ASCII)
"""How many scopes an identity token may name, and what they look like."""

BROKEN = (ValueError, TypeError, OverflowError, RecursionError)
"""What reading a token that nobody signed may end in, beside the library's own errors."""


class WidgetKeyUnknown(SignedOut):
    """No tenant has this widget key. Copy it again from the settings."""

    code, title = "widget_key_unknown", "This chat is not set up: the widget key is unknown"


class IdentityInvalid(SignedOut):
    """The identity token is not one that the tenant's backend signed for this widget just now. Sign a fresh one."""

    code, title = "identity_invalid", "The identity token is not valid"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes in."""

    id: CustomerId
    external_id: str | None
    name: str | None
    email: str | None
    tier: str
    language: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WidgetSession:
    """What is stored of a widget's session."""

    secret_hash: bytes
    customer_id: CustomerId
    verified: bool
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class Welcome:
    """A fresh widget session."""

    token: str
    lives_s: int
    customer: Customer
    verified: bool
    tenant: Tenant


async def open_session(
    db: Database, sealer: Sealer, widget_key: str, identity: str | None, address: str | None = None
) -> Welcome:
    """A session for a browser at this address. Raises WidgetKeyUnknown or IdentityInvalid."""
    shown = tokens.parse("wk", widget_key)
    if shown is None:
        raise WidgetKeyUnknown
    tenant_id = TenantId(shown.tenant_id)
    async with db.tenant(tenant_id) as tx:
        tenant = await tx.maybe(companies.Q.tenant, Tenant)
        if tenant is None or tenant.widget_key != widget_key:
            raise WidgetKeyUnknown
        scopes: list[str] = []
        if identity:
            customer, scopes = await _identified(tx, sealer, tenant, identity)
        else:
            customer = await _anonymous(tx, origin(tenant_id, address) if address else None)
        token = tokens.make("ws", tenant_id, ids.new())
        lives_s = VERIFIED_S if identity else ANONYMOUS_S
        await tx.run(
            Q.add_widget_session,
            id=token.id,
            customer_id=customer.id,
            secret_hash=token.secret_hash,
            verified=bool(identity),
            scopes=scopes,
            lives_s=lives_s,
        )
    return Welcome(token.text, lives_s, customer, bool(identity), tenant)


async def caller(db: Database, text: str) -> CustomerCaller | None:
    """Which customer this session token is, or None."""
    shown = tokens.parse("ws", text)
    if shown is None:
        return None
    async with db.reading(shown.tenant_id) as tx:
        found = tx.later(Q.widget_session, id=shown.id)
    session = found.maybe(WidgetSession)
    if session is None or not shown.matches(session.secret_hash):
        return None
    return CustomerCaller(TenantId(shown.tenant_id), session.customer_id, session.verified, frozenset(session.scopes))


async def meet(
    tx: Tx, external_id: str, *, name: str | None = None, email: str | None = None, tier: str | None = None
) -> Customer:
    """The customer whom the tenant's own systems know by this id; made when new."""
    return await tx.one(
        Q.meet_customer, Customer, id=ids.new(), external_id=external_id, name=name, email=email, tier=tier
    )


async def get(tx: Tx, customer_id: CustomerId) -> Customer:
    """One customer. Raises NotFound."""
    found = await tx.maybe(Q.customer, Customer, id=customer_id)
    if found is None:
        raise NotFound("There is no such customer.")
    return found


async def add_anonymous(tx: Tx) -> Customer:
    """Somebody we have not met and who has not said who they are."""
    return await _anonymous(tx)


def origin(tenant_id: TenantId, address: str) -> str:
    """Where an anonymous customer comes from, in three bytes of a hash: enough to tell a flood from a crowd in a queue, and
    too few to tell an address, of which some 250 share each."""
    return hashlib.blake2b(address.encode(), digest_size=3, key=tenant_id.bytes).hexdigest()


async def _anonymous(tx: Tx, source: str | None = None) -> Customer:
    customer_id = CustomerId(ids.new())
    who = {"external_id": None, "name": None, "email": None, "tier": "free", "language": None, "origin": source}
    await tx.run(Q.add_customer, id=customer_id, **who)
    return await get(tx, customer_id)


async def _identified(tx: Tx, sealer: Sealer, tenant: Tenant, identity: str) -> tuple[Customer, list[str]]:
    """Whom the token names, and what their session may."""
    claims = _claims(identity, _key(sealer, tenant, identity), tenant.widget_key)
    scopes = _scopes(claims)
    expires_at = datetime.fromtimestamp(claims["exp"] + LEEWAY_S, UTC)
    if await tx.run(Q.use_identity, jti=_fingerprint(claims, identity), expires_at=expires_at) == 0:
        raise IdentityInvalid("The identity token was used before. Sign a fresh one for each visit.")
    customer = await meet(
        tx, claims["sub"], name=_text(claims, "name"), email=_text(claims, "email"), tier=_text(claims, "tier")
    )
    return customer, scopes


@dataclass(frozen=True, slots=True)
class _Key:
    """What a signature is checked with, and the one algorithm that this kind of key is for."""

    key: bytes | str
    algorithm: str


def _key(sealer: Sealer, tenant: Tenant, identity: str) -> _Key:
    """HS256 goes with the identity secret and RS256 with the tenant's public key, never one with the other's."""
    try:
        algorithm = jwt.get_unverified_header(identity).get("alg")
    except (jwt.PyJWTError, *BROKEN) as problem:
        raise IdentityInvalid(f"The identity token is not valid: {problem}") from problem
    if algorithm == "HS256":
        return _Key(sealer.open(tenant.id, "identity_secret", tenant.identity_secret), "HS256")
    if algorithm == "RS256" and tenant.identity_public_key:
        return _Key(tenant.identity_public_key, "RS256")
    raise IdentityInvalid("The identity token is signed in a way that is not set up here.")


def _claims(identity: str, key: _Key, widget_key: str) -> dict[str, Any]:
    """The claims of a token that is right in every way: pinned algorithm, audience, age, subject."""
    try:
        claims: dict[str, Any] = jwt.decode(
            identity,
            key.key,
            algorithms=[key.algorithm],
            audience=widget_key,
            leeway=LEEWAY_S,
            options={"require": ["exp", "aud", "sub"], "strict_aud": True},
        )
    except (jwt.PyJWTError, *BROKEN) as problem:
        raise IdentityInvalid(f"The identity token is not valid: {problem}") from problem
    expires, sub = claims["exp"], claims["sub"]
    if not isinstance(expires, int | float) or expires > datetime.now(UTC).timestamp() + IDENTITY_MAX_S + LEEWAY_S:
        raise IdentityInvalid("The identity token lives longer than an hour.")
    if not sub.strip() or len(sub) > SUB_CHARS or not sub.isprintable():
        raise IdentityInvalid(f"The identity token names nobody (sub): it takes 1 to {SUB_CHARS} visible characters.")
    return claims


def _fingerprint(claims: dict[str, Any], identity: str) -> str:
    """By what a second use is known: its own id, or all that was signed. Not the signature, which has several spellings."""
    once = f"jti {claims['jti']}" if "jti" in claims else identity.rpartition(".")[0]
    return hashlib.sha256(once.encode("utf-8", "replace")).hexdigest()


def _scopes(claims: dict[str, Any]) -> list[str]:
    """What the session may, as OAuth writes it: names with spaces between (RFC 8693, section 4.2). Nothing said is nothing allowed."""
    value = claims.get("scope")
    names = [] if value is None else sorted(set(value.split())) if isinstance(value, str) else [""]
    if len(names) > SCOPES or not all(SCOPE.fullmatch(name) for name in names):
        raise IdentityInvalid(
            f"The identity token's scope takes up to {SCOPES} names with spaces between, each of 1 to 60 letters, digits and _ : . -"
        )
    return names


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if not isinstance(value, str):
        return None
    return "".join(letter for letter in value if letter.isprintable()).strip()[:200] or None
