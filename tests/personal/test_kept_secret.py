"""Conversations full of personal data through the real site: nothing of it in any log record, nothing of it at the provider."""

import logging
import secrets
import traceback
from collections.abc import Iterator

import orjson
import pytest

from tandem.llm.stub import Behaviour
from tests.web.site import Conversation, Site

DATA = {
    "e-mail": "canary.eva@mailbox.example",
    "phone": "+49 171 23456789",
    "national phone": "(0171) 987 65 43",
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "ssn": "219-09-9999",
    "ip": "203.0.113.77",
}
ARTICLE = "You can return any jacket within 30 days of delivery. Refunds are paid to the card that was used."
TALK = (
    "I am {e-mail}. Within how many days of delivery can I return a jacket?",
    "Call me at {phone} or {national phone}. Are refunds paid to my card {card}?",
    "My bank is {iban}, my social security number {ssn}. How can I return any jacket of mine?",
    "I write from {ip}. Refunds are paid to which card?",
)


@pytest.fixture
def records() -> Iterator[list[str]]:
    """All that any logger is told, at any level, with what hangs on it; but of this test's own client."""
    found: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(("httpx", "httpcore")):
                trouble = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
                found.append(f"{record.name} {record.getMessage()} {record.__dict__!r} {trouble}")

    keeper, root = Keeper(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(keeper)
    root.setLevel(level)


def talked(site: Site, word: str) -> list[Conversation]:
    who = site.newcomer(sub=f"eva-{word}", name=f"Eva {word}", email=f"{word}@customers.example")
    said: list[Conversation] = []
    for text in TALK:
        said.append(site.chat(who, f"{word}: {text.format(**DATA)}", said[0].id if said else None))
    return said


def test_nothing_of_a_conversation_is_logged_or_sent_to_the_provider(talking_site: Site, records: list[str]) -> None:
    site, word = talking_site, f"canary{secrets.token_hex(6)}"
    assert site.stub is not None
    site.learn("Returning a jacket", ARTICLE)
    said = talked(site, word)
    assert all(each.done for each in said)
    asked = b"".join(orjson.dumps(request.body) for request in site.stub.requests).decode()
    assert "[EMAIL_1]" in asked, "a model was asked, and read placeholders"
    for kind, value in DATA.items():
        assert value not in asked, kind
    logging.getLogger("tandem").warning("a record with %s is seen", "canary-of-the-test")
    assert "canary-of-the-test" in "".join(records)
    for secret in (word, *DATA.values()):
        assert [record for record in records if secret in record] == []


@pytest.mark.parametrize("behaviour", [Behaviour.SERVER_ERROR, Behaviour.INVALID_JSON, Behaviour.LEAKS_PROMPT])
def test_failures_log_nothing_of_it_either(talking_site: Site, records: list[str], behaviour: Behaviour) -> None:
    site, word = talking_site, f"canary{secrets.token_hex(6)}"
    assert site.stub is not None
    site.stub.behave(behaviour)
    try:
        said = talked(site, word)
    finally:
        site.stub.behave(Behaviour.GOOD)
    assert all(each.done for each in said)
    odd = site.post(site.newcomer(), "/v1/chat", {"message": [word, DATA["card"]], word: DATA["e-mail"]})
    assert odd.status_code == 422
    for secret in (word, *DATA.values()):
        assert [record for record in records if secret in record] == []
