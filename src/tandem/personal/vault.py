"""Placeholders in place of personal data, and the data back in place of the placeholders: for one prompt, in memory alone.

The same value has the same placeholder wherever it stands in the prompt, so that a model can still tell that two are the same.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from tandem.personal.finding import find
from tandem.personal.kinds import WORDS, Kind, Policy

NAMES = {
    Kind.EMAIL: "EMAIL",
    Kind.PHONE: "PHONE",
    Kind.CARD: "CARD",
    Kind.IBAN: "IBAN",
    Kind.NATIONAL_ID: "ID",
    Kind.IP: "IP",
    Kind.NAME: "NAME",
    Kind.ADDRESS: "ADDRESS",
}
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(NAMES.values())})_\d{{1,5}}\]")
BEGUN = re.compile(rf"\[(?:[A-Z]{{0,7}}|(?:{'|'.join(NAMES.values())})_\d{{0,5}})\Z")
"""The end of a piece that may grow into a placeholder."""

HELD = 16
"""Characters of the longest placeholder: more is never held back of a text that comes in pieces."""


class Vault:
    """The data of one prompt. Tell it every text with `learn` first, then `redact` each; `restore` what comes back."""

    def __init__(self, policy: Policy, public: str = "") -> None:
        """`public`: a text that the provider may read as it is; what stands in it is nobody's secret."""
        self._policy, self._public = policy, public
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, tuple[str, Kind]] = {}
        self._counts: dict[Kind, int] = {}
        self._taken: set[str] = set()
        self._again: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._values)

    def learn(self, texts: Iterable[str]) -> None:
        """Finds the data of all texts, so that what is plain in one is known in the others too."""
        read = list(texts)
        for text in read:
            self._taken.update(PLACEHOLDER.findall(text))  # somebody wrote it: it must not come to mean anything
        for text in read:
            for found in find(text, self._policy.kinds, self._policy):
                self._keep(text[found.start : found.end], found.kind)
        known = sorted(self._placeholders, key=len, reverse=True)
        self._again = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)") if known else None

    def redact(self, text: str) -> str:
        """The text with placeholders, of a prompt that was learnt."""
        if self._again is None:
            return text
        return self._again.sub(lambda match: self._placeholders[match[0]], text)

    def redact_json(self, text: str) -> str:
        """The same inside the strings of a JSON text, which stays JSON; of a text that is none, as of any."""
        try:
            return orjson.dumps(_each(orjson.loads(text), self.redact)).decode() if self else text
        except (ValueError, TypeError):
            return self.redact(text)

    def restore(self, text: str) -> str:
        """The data back in a reply; where the policy does not allow it, words that say what is not shown."""
        return PLACEHOLDER.sub(self._restored, text) if self else text

    def restore_json(self, text: str) -> str:
        """The data back in a call's arguments, inside JSON strings escaped as JSON wants it."""
        if not self:
            return text
        try:
            read = orjson.loads(text)
        except ValueError:
            return PLACEHOLDER.sub(self._value, text)
        try:
            return orjson.dumps(_each(read, lambda one: PLACEHOLDER.sub(self._value, one))).decode()
        except (
            TypeError,
            RecursionError,
        ):  # nested more deeply than anything may be: whoever checks arguments refuses it
            return text

    def _keep(self, value: str, kind: Kind) -> None:
        if value in self._placeholders or (self._public and value in self._public):
            return
        while True:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = f"[{NAMES[kind]}_{self._counts[kind]}]"
            if placeholder not in self._taken:
                break
        self._placeholders[value] = placeholder
        self._values[placeholder] = value, kind

    def _restored(self, match: re.Match[str]) -> str:
        value, kind = self._values.get(match[0], (match[0], None))
        return value if kind is None or self._policy.restores else WORDS[kind]

    def _value(self, match: re.Match[str]) -> str:
        return self._values.get(match[0], (match[0], None))[0]


class Restorer:
    """Puts the data back into a text that comes in pieces, wherever those are cut. Holds back at most a placeholder's length."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be said now; possibly nothing yet."""
        if not self._vault:
            return piece
        text = self._held + piece
        begun = BEGUN.search(text, max(0, len(text) - HELD))
        whole, self._held = (text[: begun.start()], text[begun.start() :]) if begun else (text, "")
        return self._vault.restore(whole)

    def end(self) -> str:
        """What was held back and did not become a placeholder."""
        held, self._held = self._held, ""
        return self._vault.restore(held)


def _each(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _each(one, change) for name, one in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        changed = change(str(value))
        return value if changed == str(value) else changed
    return value
