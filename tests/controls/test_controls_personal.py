"""Redaction and logs with a well-known mistake in them: their tests must notice each."""

import logging
import re

import pytest

from tandem.answering import classify
from tandem.answering.turn import Kit, Turn
from tandem.llm import Prompt, redacting
from tandem.personal import Policy, Vault, vault
from tests.personal import test_kept_secret, test_redacting
from tests.personal.test_kept_secret import records
from tests.web.site import Site
from tests.web.sites import talking_site

__all__ = ["records", "talking_site"]


def test_a_prompt_that_goes_out_as_it_is_is_noticed(
    talking_site: Site, records: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(prompt: Prompt, policy: Policy) -> tuple[Vault, Prompt]:
        return Vault(policy), prompt

    monkeypatch.setattr(redacting, "redacted", careless)
    with pytest.raises(AssertionError):
        test_kept_secret.test_nothing_of_a_conversation_is_logged_or_sent_to_the_provider(talking_site, records)


def test_a_message_in_the_log_is_noticed(
    talking_site: Site, records: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = classify.understand

    async def chatty(turn: Turn, kit: Kit) -> Turn:
        logging.getLogger("tandem").debug("asked %s", turn.asked.text)
        return await real(turn, kit)

    monkeypatch.setattr(classify, "understand", chatty)
    with pytest.raises(AssertionError):
        test_kept_secret.test_nothing_of_a_conversation_is_logged_or_sent_to_the_provider(talking_site, records)


async def test_a_placeholder_that_is_said_in_pieces_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "BEGUN", re.compile("(?!)"))
    with pytest.raises(AssertionError):
        await test_redacting.test_placeholders_cut_anywhere_are_put_back(3)


def test_a_vault_that_forgets_the_other_messages_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Vault.learn

    def first_alone(self: Vault, texts: list[str]) -> None:
        real(self, list(texts)[:1])

    monkeypatch.setattr(Vault, "learn", first_alone)
    with pytest.raises(AssertionError):
        test_redacting.test_the_same_value_has_the_same_placeholder_and_is_known_where_nothing_marks_it()
