"""The token by which a tenant's website vouches for its customer: right in every way, or refused."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tandem.db import Database, Query
from tandem.errors import Malformed
from tandem.tenants import companies, customers
from tandem.tenants.customers import IdentityInvalid, Welcome, WidgetKeyUnknown
from tandem.tenants.sealing import Sealer
from tests.cast import Cast

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # attackers' keys


def now() -> int:
    """This second: a test may run minutes after this file was read."""
    return int(time.time())


WRONG: dict[str, Callable[[Cast], str]] = {
    "expired": lambda cast: cast.acme.identity("cy-1", exp=now() - 60),
    "not valid yet": lambda cast: cast.acme.identity("cy-1", nbf=now() + 300),
    "issued in the future": lambda cast: cast.acme.identity("cy-1", iat=now() + 300),
    "longer than an hour": lambda cast: cast.acme.identity("cy-1", exp=now() + 3700),
    "without an end": lambda cast: cast.acme.identity("cy-1", exp=None),
    "an end that is text": lambda cast: cast.acme.identity("cy-1", exp=str(now() + 60)),
    "an end that is no number": lambda cast: cast.acme.identity("cy-1", exp=float("nan")),
    "an endless end": lambda cast: cast.acme.identity("cy-1", exp=float("inf")),
    "for another widget": lambda cast: cast.acme.identity("cy-1", aud=cast.rival.widget_key),
    "for several widgets": lambda cast: cast.acme.identity("cy-1", aud=[cast.acme.widget_key, "another"]),
    "without audience": lambda cast: cast.acme.identity("cy-1", aud=None),
    "without a subject": lambda cast: forged(cast, cast.acme.identity_secret, sub=None),
    "an empty subject": lambda cast: cast.acme.identity("  "),
    "a subject that is a number": lambda cast: forged(cast, cast.acme.identity_secret, sub=7),
    "a subject with a zero byte": lambda cast: cast.acme.identity("cy\0-1"),
    "a subject with half a letter": lambda cast: cast.acme.identity("cy-\ud800"),
    "an endless subject": lambda cast: cast.acme.identity("x" * 4000),
    "signed by another tenant": lambda cast: forged(cast, cast.rival.identity_secret),
    "signed with next to nothing": lambda cast: forged(cast, "x"),
    "signed with the widget key": lambda cast: forged(cast, cast.acme.widget_key),
    "algorithm none": lambda cast: unsigned(cast, "none"),
    "algorithm None": lambda cast: unsigned(cast, "None"),
    "no algorithm": lambda cast: unsigned(cast, None),
    "an algorithm that is a number": lambda cast: unsigned(cast, 256),
    "another hash": lambda cast: forged(cast, cast.acme.identity_secret, algorithm="HS512"),
    "RS256 without a key set up": lambda cast: forged(cast, private_pem(), algorithm="RS256"),
    "no token": lambda cast: "cy-1",
    "dots": lambda cast: "..",
    "letters of elsewhere": lambda cast: "ä.ö.ü",
    "claims that are a list": lambda cast: jwt.api_jws.encode(b'["cy-1"]', cast.acme.identity_secret),
    "claims that are no JSON": lambda cast: jwt.api_jws.encode(b"cy-1", cast.acme.identity_secret),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_it_refuses_a_token_that_is_not_right(
    db: Database, sealer: Sealer, cast: Cast, wrong: Callable[[Cast], str]
) -> None:
    with pytest.raises(IdentityInvalid):
        await open_session(db, sealer, cast, wrong(cast))
    assert (await open_session(db, sealer, cast, cast.acme.identity("cy-1"))).verified


async def test_it_knows_the_customer_and_keeps_what_the_website_says_of_them(
    db: Database, sealer: Sealer, cast: Cast
) -> None:
    said = cast.acme.identity("cy-1", name=" Cy\0 Young ", email="cy@new.example", tier="enterprise")
    welcome = await open_session(db, sealer, cast, said)
    assert welcome.verified
    assert welcome.customer.id == cast.cy.id
    assert (welcome.customer.name, welcome.customer.email) == ("Cy Young", "cy@new.example")
    assert welcome.customer.tier == "enterprise"
    again = await open_session(db, sealer, cast, cast.acme.identity("cy-1", name=7, jti="2"))
    assert (again.customer.name, again.customer.tier) == ("Cy Young", "enterprise"), "what is not said stays"


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        (None, set()),
        ("", set()),
        ("refunds", {"refunds"}),
        (" orders:read  orders:write orders:read ", {"orders:read", "orders:write"}),
        (" ".join(f"s.{n}" for n in range(20)), {f"s.{n}" for n in range(20)}),
        ("x" * 60, {"x" * 60}),
    ],
)
async def test_the_website_says_what_a_session_may(
    db: Database, sealer: Sealer, cast: Cast, scope: str | None, scopes: set[str]
) -> None:
    welcome = await open_session(db, sealer, cast, cast.acme.identity("cy-1", scope=scope))
    caller = await customers.caller(db, welcome.token)
    assert caller is not None
    assert caller.scopes == scopes
    other = await customers.caller(
        db, (await open_session(db, sealer, cast, cast.acme.identity("cy-1", jti="2"))).token
    )
    assert other is not None
    assert other.scopes == set(), "it is the session's, not the customer's"


@pytest.mark.parametrize(
    "scope",
    ["*", "a,b", "a/b", "ä", "x" * 61, "a\0", " ".join(f"s{n}" for n in range(21)), 7, True, ["a"], {"a": 1}],
)
async def test_it_refuses_scopes_that_are_none(db: Database, sealer: Sealer, cast: Cast, scope: Any) -> None:
    with pytest.raises(IdentityInvalid, match="scope takes up to 20 names"):
        await open_session(db, sealer, cast, cast.acme.identity("cy-1", scope=scope))


async def test_a_stranger_has_no_scopes(db: Database, sealer: Sealer, cast: Cast) -> None:
    caller = await customers.caller(db, (await open_session(db, sealer, cast, None)).token)
    assert caller is not None
    assert (caller.verified, caller.scopes) == (False, frozenset())


async def test_the_same_id_at_another_tenant_is_somebody_else(db: Database, sealer: Sealer, cast: Cast) -> None:
    token = cast.rival.identity("cy-1")
    with pytest.raises(IdentityInvalid):
        await open_session(db, sealer, cast, token)
    theirs = await customers.open_session(db, sealer, cast.rival.widget_key, token)
    assert theirs.customer.id != cast.cy.id


@pytest.mark.parametrize("claims", [{}, {"jti": "visit-1"}], ids=["without jti", "with jti"])
async def test_it_is_good_once(db: Database, sealer: Sealer, cast: Cast, claims: dict[str, str]) -> None:
    token = cast.acme.identity("cy-1", **claims)
    assert (await open_session(db, sealer, cast, token)).verified
    for replayed in (token, *respelled(token)):
        with pytest.raises(IdentityInvalid):
            await open_session(db, sealer, cast, replayed)


async def test_a_jti_is_its_tenants_own(db: Database, sealer: Sealer, cast: Cast) -> None:
    await open_session(db, sealer, cast, cast.acme.identity("cy-1", jti="1"))
    with pytest.raises(IdentityInvalid, match="used before"):
        await open_session(db, sealer, cast, cast.acme.identity("cy-2", jti="1"))
    await customers.open_session(db, sealer, cast.rival.widget_key, cast.rival.identity("qu-1", jti="1"))


async def test_a_refused_token_leaves_no_session_and_no_customer(db: Database, sealer: Sealer, cast: Cast) -> None:
    before = await counted(db, cast)
    with pytest.raises(IdentityInvalid):
        await open_session(db, sealer, cast, cast.acme.identity("stranger", exp=now() - 60))
    assert await counted(db, cast) == before


@pytest.mark.parametrize("at", ["header", "claims", "signature"])
async def test_every_changed_byte_is_noticed(db: Database, sealer: Sealer, cast: Cast, at: str) -> None:
    parts = cast.acme.identity("cy-1").split(".")
    place = ["header", "claims", "signature"].index(at)
    raw = base64.urlsafe_b64decode(parts[place] + "==")
    for byte in range(len(raw)):
        changed = raw[:byte] + bytes([raw[byte] ^ 1]) + raw[byte + 1 :]
        forged_parts = [*parts]
        forged_parts[place] = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        with pytest.raises(IdentityInvalid):
            await open_session(db, sealer, cast, ".".join(forged_parts))


async def test_without_a_token_one_is_nobody_in_particular(db: Database, sealer: Sealer, cast: Cast) -> None:
    one, other = [await open_session(db, sealer, cast, None) for _ in range(2)]
    assert not one.verified
    assert one.customer.external_id is None
    assert one.customer.id != other.customer.id
    assert one.lives_s == customers.ANONYMOUS_S


async def test_it_refuses_a_widget_key_that_nobody_has(db: Database, sealer: Sealer, cast: Cast) -> None:
    key = cast.acme.widget_key
    foreign = "wk_" + key[3:25] + cast.rival.widget_key[25:]
    for wrong in ("", "wk_", key[:-1], key[:-4] + "AAAA", foreign, cast.acme.api_key, key.replace("wk_", "tk_")):
        with pytest.raises(WidgetKeyUnknown):
            await customers.open_session(db, sealer, wrong, None)


# ------------------------------------------------------------------------------------------ RS256


async def test_a_website_may_sign_with_its_own_rsa_key(db: Database, sealer: Sealer, cast: Cast) -> None:
    await set_key(db, cast, public_pem())
    welcome = await open_session(db, sealer, cast, forged(cast, private_pem(), algorithm="RS256"))
    assert welcome.customer.id == cast.cy.id
    assert (await open_session(db, sealer, cast, cast.acme.identity("cy-1"))).verified, (
        "the secret is as good as before"
    )


async def test_the_kind_of_key_decides_the_algorithm(db: Database, sealer: Sealer, cast: Cast) -> None:
    await set_key(db, cast, public_pem())
    for wrong in (
        hs256_with_the_public_key(cast, public_pem()),
        hs256_with_the_public_key(cast, public_pem().strip()),
        forged(cast, private_pem(), algorithm="RS512"),
        forged(cast, private_pem(), algorithm="PS256"),
        forged(cast, private_pem(other=True), algorithm="RS256"),
        forged(cast, private_pem(), algorithm="RS256", exp=now() - 60),
        forged(cast, private_pem(), algorithm="RS256", aud=cast.rival.widget_key),
    ):
        with pytest.raises(IdentityInvalid):
            await open_session(db, sealer, cast, wrong)


async def test_a_key_that_was_taken_away_is_good_no_more(db: Database, sealer: Sealer, cast: Cast) -> None:
    await set_key(db, cast, public_pem())
    await set_key(db, cast, None)
    with pytest.raises(IdentityInvalid, match="not set up here"):
        await open_session(db, sealer, cast, forged(cast, private_pem(), algorithm="RS256"))
    async with db.tenant(cast.acme.id) as tx:
        assert (await companies.get(tx)).look == companies.Look()


async def test_it_takes_no_key_but_an_rsa_key_of_decent_length(db: Database, cast: Cast) -> None:
    short = pem(rsa.generate_private_key(65537, 1024).public_key())
    elliptic = pem(ec.generate_private_key(ec.SECP256R1()).public_key())
    for wrong in ("", "-----BEGIN PUBLIC KEY-----", private_pem(), short, elliptic):
        with pytest.raises(Malformed, match="RSA public key of at least 2048 bits"):
            await set_key(db, cast, wrong)


async def open_session(db: Database, sealer: Sealer, cast: Cast, identity: str | None) -> Welcome:
    return await customers.open_session(db, sealer, cast.acme.widget_key, identity)


async def set_key(db: Database, cast: Cast, key: str | None) -> None:
    async with db.tenant(cast.acme.id) as tx:
        await companies.set_identity_public_key(tx, key)


async def counted(db: Database, cast: Cast) -> tuple[int, int]:
    count = "select (select count(*) from customers) + 1000000 * (select count(*) from widget_sessions)"
    async with db.tenant(cast.acme.id) as tx:
        both = await tx.one(Query("in this test", None, "", count.encode()), int)
    return both % 1_000_000, both // 1_000_000


def forged(cast: Cast, key: str, algorithm: str = "HS256", **claims: Any) -> str:
    """A token of acme's, signed with any key; a claim of None is left out."""
    whole = {"sub": "cy-1", "aud": cast.acme.widget_key, "exp": now() + 600} | claims
    signed = json.dumps({name: value for name, value in whole.items() if value is not None}).encode()
    return jwt.api_jws.encode(signed, key, algorithm, headers={"typ": "JWT"})


def unsigned(cast: Cast, algorithm: Any) -> str:
    header = json.dumps({"typ": "JWT"} | ({"alg": algorithm} if algorithm is not None else {})).encode()
    claims = json.dumps({"sub": "cy-1", "aud": cast.acme.widget_key, "exp": now() + 600}).encode()
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, claims)) + "."


def hs256_with_the_public_key(cast: Cast, key: str) -> str:
    """What an attacker signs who hopes that the public key is taken for a secret."""
    head = unsigned(cast, "HS256").rstrip(".")
    signature = hmac.digest(key.encode(), head.encode(), hashlib.sha256)
    return head + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def respelled(token: str) -> list[str]:
    """The same token with its signature's last letter spelled differently: its spare bits carry nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    signature = base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")
    spellings = [token[:-1] + letter for letter in letters if letter != token[-1]]
    same = [s for s in spellings if base64.urlsafe_b64decode(s.rpartition(".")[2] + "==") == signature]
    assert same
    return [*same, token + "="]


@cache
def rsa_key(other: bool) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def private_pem(other: bool = False) -> str:
    return (
        rsa_key(other)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_pem() -> str:
    return pem(rsa_key(False).public_key())


def pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
