"""The people whom every test knows: tenant acme and its staff and customers, and tenant rival, who must see none of it.

They are made once a run through the product's own functions and stand in the template, so that a test gets them free.
"""

import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import jwt
import pydantic

from tandem.db import Database
from tandem.ids import CustomerId, MemberId, TenantId
from tandem.tenants import companies, customers, members
from tandem.tenants.callers import CustomerCaller, MemberCaller, Role
from tandem.tenants.sealing import Sealer

PASSWORD: Final = "correct horse battery staple"
"""Everybody's: hashing one takes 50 ms."""

MASTER_KEY: Final = bytes(range(32))
"""What the sealer of every test is made of."""


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant, with the secrets that it was told when it was made."""

    id: TenantId
    name: str
    api_key: str
    widget_key: str
    identity_secret: str

    def identity(self, sub: str, **claims: Any) -> str:
        """A token by which the tenant's website vouches for its customer; a claim of None is left out."""
        whole = {"sub": sub, "aud": self.widget_key, "exp": int(time.time()) + 600} | claims
        return jwt.encode({name: value for name, value in whole.items() if value is not None}, self.identity_secret)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of a tenant's staff, logged in."""

    id: MemberId
    tenant_id: TenantId
    name: str
    email: str
    password: str
    role: Role
    cookie: str
    session_id: UUID

    @property
    def caller(self) -> MemberCaller:
        """As the cookie proves them."""
        return MemberCaller(self.tenant_id, self.id, self.name, self.role, str(self.session_id))


@dataclass(frozen=True, slots=True)
class Client:
    """One of a tenant's customers, with a widget session."""

    id: CustomerId
    tenant_id: TenantId
    external_id: str | None
    name: str | None
    token: str
    verified: bool

    @property
    def caller(self) -> CustomerCaller:
        """As the session token proves them."""
        return CustomerCaller(self.tenant_id, self.id, self.verified)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody."""

    acme: Company
    ann: Colleague
    bo: Colleague
    vi: Colleague
    cy: Client
    dee: Client
    rival: Company
    ruth: Colleague
    rob: Colleague
    ray: Colleague
    quinn: Client


PAPERS = pydantic.TypeAdapter(Cast)
"""The cast as text and back, for the processes of one run."""


async def assemble(db: Database) -> Cast:
    """Make them all, in an empty database."""
    sealer = Sealer(MASTER_KEY)
    hashed = await members.hash_password(PASSWORD)
    acme = await _company(db, sealer, "Acme", "Ann")
    rival = await _company(db, sealer, "Rival", "Ruth")
    await _hire(db, acme, hashed, {"Bo": Role.AGENT, "Vi": Role.VIEWER})
    await _hire(db, rival, hashed, {"Rob": Role.AGENT, "Ray": Role.VIEWER})
    return Cast(
        acme=acme,
        ann=await _logged_in(db, "ann@acme.example"),
        bo=await _logged_in(db, "bo@acme.example"),
        vi=await _logged_in(db, "vi@acme.example"),
        cy=await _customer(db, sealer, acme, "cy-1", name="Cy", email="cy@customers.example", tier="paid"),
        dee=await _customer(db, sealer, acme, None),
        rival=rival,
        ruth=await _logged_in(db, "ruth@rival.example"),
        rob=await _logged_in(db, "rob@rival.example"),
        ray=await _logged_in(db, "ray@rival.example"),
        quinn=await _customer(db, sealer, rival, "qu-1", name="Quinn", email="quinn@customers.example", tier="free"),
    )


async def _company(db: Database, sealer: Sealer, name: str, admin: str) -> Company:
    email = f"{admin.lower()}@{name.lower()}.example"
    made = await companies.create(db, sealer, name, admin_name=admin, admin_email=email, admin_password=PASSWORD)
    return Company(made.tenant_id, name, made.api_key, made.widget_key, made.identity_secret)


async def _hire(db: Database, company: Company, hashed: str, people: dict[str, Role]) -> None:
    async with db.tenant(company.id) as tx:
        for name, role in people.items():
            await members.add(tx, f"{name.lower()}@{company.name.lower()}.example", name, role, hashed)


async def _logged_in(db: Database, email: str) -> Colleague:
    cookie, who = await members.log_in(db, email, PASSWORD)
    return Colleague(who.member_id, who.tenant_id, who.name, email, PASSWORD, who.role, cookie, UUID(who.session_id))


async def _customer(db: Database, sealer: Sealer, company: Company, sub: str | None, **claims: str) -> Client:
    identity = company.identity(sub, **claims) if sub else None
    welcome = await customers.open_session(db, sealer, company.widget_key, identity)
    who = welcome.customer
    return Client(who.id, company.id, who.external_id, who.name, welcome.token, welcome.verified)
