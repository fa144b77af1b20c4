"""What every import proposes, and how: names and descriptions that fit, and hints at what nobody can guess.

Knows nothing about where an entry comes from.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import orjson

from tandem.actions import definition, registry
from tandem.actions.definition import Definition
from tandem.actions.importing.shapes import Unfit
from tandem.errors import Malformed

LONGEST_NAME = 64
DESCRIPTION_CHARS = 300
"""Of a description: it stands in every prompt in which the action is offered."""

LARGEST_SCHEMA = 20_000
"""Bytes of one action's schema, for the same reason."""

WHOSE = re.compile(r"(^|_)(ids?|uuid|guid|number|no|ref|reference|key|token|email|e_mail|username|phone|login)$")
MONEY = re.compile(
    r"(^|_)(amount|price|total|sum|refund|credit|debit|fee|cost|value|discount|cents)(_(minor|cents|in_cents))?$"
)


@dataclass(slots=True)
class Imported:
    """Proposed actions; what could not be proposed, by name, with a sentence; and what an admin has to decide before enabling."""

    definitions: list[Definition] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def propose(
        self,
        wanted_name: str,
        said: str,
        *,
        reads: bool,
        schema: dict[str, Any],
        handler: dict[str, Any],
        keys: tuple[str, ...] = (),
    ) -> None:
        """One more, disabled. `keys`: arguments that name what is acted on, whatever they are called. Raises Unfit."""
        name = fitting(wanted_name, {taken.name for taken in self.definitions})
        schema = _json(schema)
        body = {
            "name": name,
            "description": shortened(said, DESCRIPTION_CHARS) or f"{wanted_name.strip()[:200] or name}",
            "kind": "look_up" if reads else "change",
            "input_schema": schema,
            "handler": handler,
            "identity": "verified",
            "confirm": {"required": True},
            "enabled": False,
        }
        try:
            self.definitions.append(definition.read(body))
        except Malformed as problem:
            raise Unfit(problem.detail.removeprefix("The action is malformed: ")) from None
        self._hint(name, schema, keys, reads)

    def finished(self) -> "Imported":
        """The same, with a word on the whole."""
        if len(self.definitions) > registry.MOST:
            self.hints.insert(
                0, f"These are {len(self.definitions)} actions; a registry takes {registry.MOST}. Choose what you need."
            )
        return self

    def _hint(self, name: str, schema: dict[str, Any], keys: tuple[str, ...], reads: bool) -> None:
        arguments = schema.get("properties", {})
        for argument in arguments:
            plain = snake(argument)
            if argument in keys or WHOSE.search(plain):
                self.hints.append(
                    f"{name}: {argument} looks like it should belong to the customer: set an owner rule before you enable it."
                )
            if not reads and MONEY.search(plain):
                self.hints.append(
                    f"{name}: {argument} looks like an amount: set `amount` and its limits before you enable it."
                )


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema as JSON has it, which not all YAML is."""
    try:
        text = orjson.dumps(schema)
    except (TypeError, RecursionError):
        raise Unfit("its input is described with something that JSON has not") from None
    if len(text) > LARGEST_SCHEMA:
        raise Unfit("its input is too large for a model to be told")
    if b"\\u0000" in text:
        raise Unfit("its input is described with characters that no text has")
    plain: dict[str, Any] = orjson.loads(text)
    return plain


def fitting(wanted: str, taken: set[str]) -> str:
    """A name that an action may have and none of these has."""
    plain = snake(wanted)
    base = (plain if plain[:1].isalpha() else f"do_{plain}".rstrip("_"))[:LONGEST_NAME].rstrip("_")
    name, number = base, 2
    while name in taken:
        tail = f"_{number}"
        name, number = base[: LONGEST_NAME - len(tail)] + tail, number + 1
    return name


def snake(text: str) -> str:
    """Lower-case letters and digits, with _ between the words: `getOrder/{orderId}` is `get_order_order_id`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain).lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")


def shortened(text: str, most: int) -> str:
    """On one line, without characters that are not seen, cut at a word."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: 20 * most])
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 2].rsplit(" ", 1)[0] + " …"
