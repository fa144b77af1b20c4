"""The short code and the time to wait, wherever a provider has put them."""

import orjson
import pytest

from tandem.llm.refusals import LONGEST_WAIT_S, read

GOOGLES = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"},
        ],
    }
}
WRONG_KEY = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}


@pytest.mark.parametrize(
    ("headers", "body", "code", "wait"),
    [
        ({}, {"error": {"code": "model_not_found", "type": "invalid_request_error"}}, "model_not_found", None),
        ({}, {"error": {"code": None, "type": "rate_limit_error"}}, "rate_limit_error", None),
        ({"Retry-After": "7"}, {"type": "error", "error": {"type": "rate_limit_error"}}, "rate_limit_error", 7.0),
        ({}, GOOGLES, "resource_exhausted", 34.5),
        ({}, [GOOGLES], "resource_exhausted", 34.5),
        ({"Retry-After": "2"}, GOOGLES, "resource_exhausted", 2.0),
        ({}, WRONG_KEY, "api_key_invalid", None),
        ({"x-amzn-ErrorType": "ThrottlingException:http://x/"}, {"message": "Slow"}, "throttling_exception", None),
        ({"Retry-After": "999999"}, {}, None, LONGEST_WAIT_S),
        ({"Retry-After": "-3"}, {}, None, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, {}, None, None),
        ({}, {"error": {"code": "What the customer wrote", "type": 7}}, None, None),
        ({}, {"error": "text"}, None, None),
        ({}, [], None, None),
    ],
)
def test_it_is_found(headers: dict[str, str], body: object, code: str | None, wait: float | None) -> None:
    assert read(headers, orjson.dumps(body)) == (code, wait)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"null"])
def test_anything_else_says_nothing(body: bytes) -> None:
    assert read({}, body) == (None, None)
