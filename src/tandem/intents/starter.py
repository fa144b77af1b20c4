"""The starter intents that every tenant begins with, from `starter.toml`: what any shop or SaaS is asked."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

UNKNOWN = "unknown"
"""The name of what is none of the intents."""

TALK_TO_PERSON = "talk_to_person"
"""The intent of those who want a person."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One category of what customers want."""

    name: str
    category: str
    title: str
    description: str
    requires_action: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A phrasing and the intents it carries."""

    text: str
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Starter:
    """The whole starter set and its fingerprint."""

    intents: tuple[Intent, ...]
    examples: tuple[Example, ...]
    fingerprint: str


@cache
def categories(names: tuple[str, ...]) -> frozenset[str]:
    """The categories of these intents: what an article may be filed under that answers them."""
    return frozenset(intent.category for intent in load().intents if intent.name in names)


@cache
def load() -> Starter:
    """Read the file that ships with Tandem."""
    raw = resources.files("tandem.intents").joinpath("starter.toml").read_bytes()
    data = tomllib.loads(raw.decode())
    found, examples = [], []
    for entry in data["intent"]:
        if entry["name"] != UNKNOWN:
            found.append(
                Intent(
                    entry["name"],
                    entry["category"],
                    entry["title"],
                    entry.get("description", ""),
                    entry.get("requires_action", False),
                )
            )
        examples += [Example(text, (entry["name"],)) for text in entry["examples"]]
    return Starter(tuple(found), tuple(examples), hashlib.sha256(raw).hexdigest()[:16])
