"""How settings name models: `PROVIDER:NAME[?option=value&…]`, with commas between the models of a chain.

Knows the words and what they take; what a model of that name is, `choose` decides.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from tandem.settings import WrongSetting

T = TypeVar("T")
PROVIDERS = ("openai", "anthropic", "google", "bedrock")
"""`openai` is any server that speaks its protocol: Azure, vLLM, Ollama, llama.cpp, OpenRouter and more."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens, which is also millionths of a dollar a token."""

    input: float
    output: float
    cached_input: float

    def micros(self, given: int, cached: int, written: int) -> int:
        """Millionths of a US dollar for these tokens; `cached` are those of `given` that the provider had kept."""
        cached = min(cached, given)
        return round((given - cached) * self.input + cached * self.cached_input + written * self.output)


@dataclass(frozen=True, slots=True)
class Spec:
    """One model as a setting names it. What is None was not said."""

    provider: str
    model: str
    base_url: str | None = None
    key_file: str | None = None
    temperature: float | None = None
    timeout_s: float | None = None
    price: Price | None = None

    @property
    def name(self) -> str:
        """Provider and model, such as `openai:gpt-4.1-mini`."""
        return f"{self.provider}:{self.model}"


def chain(variable: str, text: str) -> tuple[Spec, ...]:
    """The models that a setting names, in order; none when it is empty. Raises WrongSetting with a sentence."""
    return tuple(_spec(variable, each.strip()) for each in text.split(",")) if text.strip() else ()


def address(where: str, text: str) -> str:
    """A base URL without a stroke at its end. Raises WrongSetting."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise WrongSetting(f"{where} takes an address that begins with http:// or https://.")
    return text.rstrip("/")


def _spec(variable: str, text: str) -> Spec:
    named, _, options = text.partition("?")
    provider, _, model = named.partition(":")
    if not model or provider not in PROVIDERS:
        forms = " or ".join(f"{each}:NAME" for each in PROVIDERS)
        raise WrongSetting(f"{variable} takes {forms}, with commas between several, and not {named!r}.")
    told = _Options(variable, named, options)
    spec = Spec(
        provider,
        model,
        base_url=told.take("base_url", lambda value: address(f"base_url of {named} in {variable}", value)),
        key_file=told.take("key_file", lambda value: str(Path(value))),
        temperature=told.take("temperature", _number(0, 2)),
        timeout_s=told.take("timeout_s", _number(0.5, 600)),
        price=_price(told),
    )
    told.check_all_taken()
    return spec


def _price(told: "_Options") -> Price | None:
    given, written = told.take("input", _number(0, 10_000)), told.take("output", _number(0, 10_000))
    cached = told.take("cached_input", _number(0, 10_000))
    if given is None and written is None and cached is None:
        return None
    if given is None or written is None:
        raise told.wrong("a price is both input and output, in US dollars a million tokens")
    return Price(given, written, given if cached is None else cached)


class _Options:
    """The options of one model, each taken once."""

    def __init__(self, variable: str, named: str, text: str) -> None:
        self._variable, self._named = variable, named
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True) if text else []
        except ValueError:
            raise self.wrong("options are written ?option=value&option=value") from None
        self._left = dict(pairs)
        if len(self._left) < len(pairs):
            raise self.wrong("an option stands there twice")

    def take(self, name: str, read: Callable[[str], T]) -> T | None:
        """The option's value, None when it is not there."""
        if (value := self._left.pop(name, None)) is None:
            return None
        try:
            return read(value)
        except ValueError as problem:
            raise self.wrong(f"{name} is {value!r}; it takes {problem}") from None

    def check_all_taken(self) -> None:
        """Raises WrongSetting for options that nobody knows."""
        if self._left:
            known = "base_url, key_file, temperature, timeout_s, input, output, cached_input"
            raise self.wrong(f"{min(self._left)} is no option of a model; there are {known}")

    def wrong(self, what: str) -> WrongSetting:
        """The sentence that names the model and its variable."""
        return WrongSetting(f"{self._named} in {self._variable}: {what}.")


def _number(least: float, most: float) -> Callable[[str], float]:
    takes = f"a number from {least:g} to {most:g}"

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(takes) from None
        if not math.isfinite(value) or not least <= value <= most:
            raise ValueError(takes)
        return value

    return read
