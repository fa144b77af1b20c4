"""Signatures against the examples that AWS has published: its signature test suite, and its reference for IAM."""

from datetime import UTC, datetime

import pytest

from tandem.llm.sigv4 import Keys, Signer

KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AT = datetime(2015, 8, 30, 12, 36, 0, tzinfo=UTC)
HOST = "https://example.amazonaws.com"


def _signed(method: str, url: str, headers: dict[str, str], service: str = "service", body: bytes = b"") -> str:
    return Signer(KEYS, "us-east-1", service).sign(method, url, headers, body, AT)["Authorization"]


@pytest.mark.parametrize(
    ("method", "url", "signature"),
    [
        ("GET", f"{HOST}/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", f"{HOST}/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", f"{HOST}/\u1234", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    ],
    ids=["get-vanilla", "post-vanilla", "get-utf8"],
)
def test_the_signature_test_suite(method: str, url: str, signature: str) -> None:
    scope = "20150830/us-east-1/service/aws4_request"
    assert _signed(method, url, {}) == (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
    )


def test_the_example_of_iam() -> None:
    url = "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers"
    said = _signed("GET", url, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, "iam")
    assert said.endswith(
        "SignedHeaders=content-type;host;x-amz-date,"
        " Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


@pytest.mark.parametrize(
    ("url", "headers", "body"),
    [(f"{HOST}/a", {}, b""), (f"{HOST}/", {"a": "b"}, b""), (f"{HOST}/", {}, b"x"), ("https://b.example/", {}, b"")],
)
def test_whatever_changes_changes_the_signature(url: str, headers: dict[str, str], body: bytes) -> None:
    plain = _signed("POST", f"{HOST}/", {})
    assert _signed("POST", url, headers, body=body).rpartition("=")[2] != plain.rpartition("=")[2]


def test_a_session_token_goes_with_it_and_is_signed() -> None:
    keys = Keys("AKIDEXAMPLE", "secret", "token")
    headers = Signer(keys, "eu-west-1", "bedrock").sign("POST", HOST, {}, b"", AT)
    assert headers["x-amz-security-token"] == "token"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token" in headers["Authorization"]


def test_keys_are_not_shown() -> None:
    assert "wJalr" not in repr(KEYS) + repr(Signer(KEYS, "us-east-1", "iam"))
