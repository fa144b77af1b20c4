"""The staff: who they are, how they log in, and what a browser's cookie proves."""

import asyncio
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import argon2

from tandem import ids
from tandem.db import Database, Queries, Tx
from tandem.errors import SignedOut
from tandem.ids import MemberId, TenantId
from tandem.tenants import tokens
from tandem.tenants.callers import MemberCaller, Role

Q = Queries("tandem.tenants")

HASHER = argon2.PasswordHasher()
"""argon2id with the library's defaults, which follow RFC 9106's low-memory profile."""

SESSION_S = 12 * 3600
"""A working day and a little more."""


class BadCredentials(SignedOut):
    """The e-mail address or the password is wrong; which of them is not said."""

    code, title = "bad_credentials", "The e-mail address or the password is wrong"


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in identity."""

    id: UUID
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a log-in identity works."""

    tenant_id: TenantId
    member_id: MemberId


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff."""

    id: MemberId
    name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class MemberSession:
    """What is stored of a log-in."""

    secret_hash: bytes
    member_id: MemberId
    name: str
    role: Role


async def hash_password(password: str) -> str:
    """argon2id; takes some 50 ms and stays off the event loop."""
    return await asyncio.to_thread(HASHER.hash, password)


async def add(tx: Tx, email: str, name: str, role: Role, password_hash: str) -> MemberId:
    """A new member. Somebody who has a log-in already keeps their password."""
    await tx.run(Q.add_login, id=ids.new(), email=email.lower(), password_hash=password_hash)
    login = await tx.one(Q.login, Login, email=email.lower())
    member_id = MemberId(ids.new())
    await tx.run(Q.add_member, id=member_id, login_id=login.id, name=name, role=role)
    return member_id


async def set_passwords(tx: Tx, emails: list[str], password_hash: str) -> None:
    """A new password for log-ins that exist."""
    for email in emails:
        if login := await tx.maybe(Q.login, Login, email=email.lower()):
            await tx.run(Q.set_password, id=login.id, password_hash=password_hash)


async def log_in(db: Database, email: str, password: str) -> tuple[str, MemberCaller]:
    """A new session's cookie and who it is. Raises BadCredentials; takes as long for an unknown address as for a wrong password."""
    async with db.nobody() as tx:
        login = await tx.maybe(Q.login, Login, email=email.strip().lower())
    hashed = login.password_hash if login else await _decoy()
    right = await asyncio.to_thread(_verified, hashed, password)
    if login is None or not right:
        raise BadCredentials
    async with db.nobody() as tx:
        where = await tx.maybe(Q.memberships, Membership, login=login.id)
    if where is None:
        raise BadCredentials
    async with db.tenant(where.tenant_id) as tx:
        member = await tx.one(Q.member, Member, id=where.member_id)
        token = tokens.make("ts", where.tenant_id, ids.new())
        await tx.run(
            Q.add_member_session, id=token.id, member_id=member.id, secret_hash=token.secret_hash, lives_s=SESSION_S
        )
    return token.text, MemberCaller(where.tenant_id, member.id, member.name, member.role, str(token.id))


async def log_out(db: Database, caller: MemberCaller) -> None:
    """The session is over, in every tab."""
    async with db.tenant(caller.tenant_id) as tx:
        await tx.run(Q.end_member_session, id=UUID(caller.session_id))


async def caller(db: Database, cookie: str) -> MemberCaller | None:
    """Who this cookie is, or None."""
    shown = tokens.parse("ts", cookie)
    if shown is None:
        return None
    async with db.reading(shown.tenant_id) as tx:
        found = tx.later(Q.member_session, id=shown.id)
    session = found.maybe(MemberSession)
    if session is None or not shown.matches(session.secret_hash):
        return None
    return MemberCaller(TenantId(shown.tenant_id), session.member_id, session.name, session.role, str(shown.id))


async def get(tx: Tx, member_id: MemberId) -> Member | None:
    """One of the staff."""
    return await tx.maybe(Q.member, Member, id=member_id)


async def everyone(tx: Tx) -> list[Member]:
    """The staff, by name."""
    return await tx.all(Q.members, Member)


def _verified(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except argon2.exceptions.VerificationError:
        return False


@cache
def _decoy_hash() -> str:
    return HASHER.hash("no such person")


async def _decoy() -> str:
    return await asyncio.to_thread(_decoy_hash)
