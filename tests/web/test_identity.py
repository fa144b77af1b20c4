"""Who a customer is: said by the tenant's own backend in a token that is right in every way, used once; else nobody."""

import base64
import json
import random
import time
from typing import Any

import jwt
import pytest

from tests.cast import Cast, Company
from tests.web.site import Site

RATE_LIMITS = False

MUTATED = 300
SEED = random.randrange(10**6)


def session(site: Site, company: Company, identity: str | None = None) -> Any:
    body = {"widget_key": company.widget_key} | ({"identity": identity} if identity is not None else {})
    return site.post(None, "/v1/widget/session", body)


def test_a_right_token_makes_a_known_customer(site: Site, cast: Cast) -> None:
    made = session(site, cast.acme, cast.acme.identity("pat-1", name="Pat"))
    assert made.status_code == 201
    assert made.json()["customer"]["verified"]
    assert made.json()["customer"]["name"] == "Pat"
    assert site.get(made.json()["token"], "/v1/conversations").json() == {"items": []}


def test_no_token_makes_somebody_nobody_knows(site: Site, cast: Cast) -> None:
    one, two = session(site, cast.acme).json(), session(site, cast.acme).json()
    assert not one["customer"]["verified"]
    assert one["customer"]["id"] != two["customer"]["id"]
    assert one["config"]["tenant_name"] == "Acme"
    assert one["config"]["brand_color"].startswith("#")


def wrong_tokens(cast: Cast) -> dict[str, str]:
    acme, rival = cast.acme, cast.rival
    claims = {"sub": "pat-1", "aud": acme.widget_key, "exp": int(time.time()) + 600}
    none = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)
    )
    return {
        "of another tenant": rival.identity("pat-1"),
        "for another widget": acme.identity("pat-1", aud=rival.widget_key),
        "signed by another": jwt.encode(claims, rival.identity_secret),
        "signed with the public key": jwt.encode(claims, acme.widget_key),
        "without a signature": none + ".",
        "of another algorithm": jwt.encode(claims, acme.identity_secret * 2, algorithm="HS512"),
        "expired": acme.identity("pat-1", exp=int(time.time()) - 120),
        "good for a day": acme.identity("pat-1", exp=int(time.time()) + 86400),
        "good for ever": acme.identity("pat-1", exp=None),
        "for everybody": acme.identity("pat-1", aud=None),
        "for many": acme.identity("pat-1", aud=[acme.widget_key, "other"]),
        "of nobody": jwt.encode({name: value for name, value in claims.items() if name != "sub"}, acme.identity_secret),
        "of an empty name": acme.identity("  "),
        "not yet": acme.identity("pat-1", nbf=int(time.time()) + 600),
        "no token at all": "hello",
        "half": acme.identity("pat-1")[:40],
    }


def test_a_token_that_is_wrong_in_any_way_is_refused(site: Site, cast: Cast) -> None:
    for what, token in wrong_tokens(cast).items():
        refused = session(site, cast.acme, token)
        assert (refused.status_code, refused.json()["code"]) == (401, "identity_invalid"), what
        assert cast.acme.identity_secret not in refused.text


def test_a_token_is_good_once(site: Site, cast: Cast) -> None:
    for token in (cast.acme.identity("pat-2"), cast.acme.identity("pat-2", jti="one")):
        assert session(site, cast.acme, token).status_code == 201
        assert session(site, cast.acme, token).json()["code"] == "identity_invalid"
    other = cast.acme.identity("pat-2", jti="one", exp=int(time.time()) + 300)
    assert session(site, cast.acme, other).json()["code"] == "identity_invalid"


def test_no_mutation_of_a_token_is_taken(site: Site, cast: Cast) -> None:
    chance = random.Random(SEED)
    whole = cast.acme.identity("pat-3")
    for _ in range(MUTATED):
        at = chance.randrange(len(whole))
        letter = chance.choice("ABCabc019-_.=")
        mutated = whole[:at] + letter + whole[at + chance.choice((0, 1)) :]
        if same(mutated, whole):
            continue
        refused = session(site, cast.acme, mutated)
        assert refused.status_code == 401, f"{mutated} of {whole}, seed {SEED}"


def same(one: str, other: str) -> bool:
    """Base64 has spare bits at the end of a part, and padding: another spelling of the same token."""

    def bits(text: str) -> list[bytes]:
        try:
            return [base64.urlsafe_b64decode(part.rstrip("=") + "==") for part in text.split(".")]
        except ValueError:
            return []

    return bits(one) == bits(other)


@pytest.mark.parametrize(
    "key", ["", "wk_", "wk_unknown", "wk_" + "A" * 86, "x" * 200, "tk_" + "A" * 86, "²", "wk_" + "é" * 86]
)
def test_an_unknown_widget_key_opens_nothing(site: Site, key: str) -> None:
    refused = site.post(None, "/v1/widget/session", {"widget_key": key})
    assert (refused.status_code, refused.json()["code"]) == (401, "widget_key_unknown")


def test_a_mutated_widget_key_or_session_token_or_api_key_is_none(site: Site, cast: Cast) -> None:
    chance = random.Random(SEED)
    for _ in range(100):
        for whole, path in ((cast.cy.token, "/v1/conversations"), (cast.acme.api_key, "/v1/tickets")):
            at = chance.randrange(3, len(whole))
            mutated = whole[:at] + chance.choice("ABCabc019-_") + whole[at + 1 :]
            if mutated != whole:
                assert site.get(mutated, path).status_code == 401, f"seed {SEED}"
