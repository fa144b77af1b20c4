"""Texts with gaps: literal substitution, and three formats that have names. What stands in for a gap is not looked at again.

{order.status}                      what stands there
{order.total_minor|money:order.currency}    an amount in minor units of the currency that stands there
{order.expected_on|day}             a day, as people write it
{order.items|names}                 the names of what is in a list
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tandem.actions import money, telling
from tandem.actions.money import Money

GAP = re.compile(r"\{([A-Za-z_][\w.-]*)(?:\|(money|day|names)(?::([A-Za-z_][\w.-]*))?)?\}")
ANY_GAP = re.compile(r"\{[^{}]*\}")
MOST_NAMES = 5
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
"""Where the sign stands before the number, without a space. Other currencies are written with their code."""


def paths(text: str) -> Iterator[str]:
    """What the gaps of a text look at. Raises ValueError where something in braces is no gap."""
    for written in ANY_GAP.findall(text):
        gap = GAP.fullmatch(written)
        if gap is None or (gap[2] == "money") != (gap[3] is not None):
            raise ValueError(
                f"{written[:60]} is no gap: write {{path}}, {{path|day}}, {{path|names}} or {{path|money:path}}"
            )
        yield from (path for path in (gap[1], gap[3]) if path)


def paths_in(value: Any) -> Iterator[str]:
    """What the gaps in arguments look at."""
    if isinstance(value, str):
        yield from paths(value)
    elif isinstance(value, dict):
        for part in value.values():
            yield from paths_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from paths_in(part)


def filled(text: str, known: dict[str, Any]) -> str:
    """The text with its gaps filled; a gap that nothing fills is left out."""
    shaped: dict[str, str] = {}

    def shape(gap: re.Match[str]) -> str:
        if gap[2] is None:
            return gap[0]
        shaped[name := f"_{len(shaped)}"] = _shaped(gap[2], money.at(known, gap[1]), gap[3], known)
        return f"{{{name}}}"

    return telling.filled(GAP.sub(shape, text), {**known, **shaped})


def arguments(value: Any, known: dict[str, Any]) -> Any:
    """Arguments with their gaps filled. What is one gap alone keeps its type; where nothing fills it, it is left out."""
    if isinstance(value, str):
        gap = GAP.fullmatch(value)
        if gap and gap[2] is None:
            return money.at(known, gap[1])
        return filled(value, known) if ANY_GAP.search(value) else value
    if isinstance(value, dict):
        parts = {name: arguments(part, known) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(value, (list, tuple)):
        return [arguments(part, known) for part in value]
    return value


def day(value: Any) -> date | None:
    """The day that an ISO date or moment names; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _shaped(shape: str, value: Any, other: str | None, known: dict[str, Any]) -> str:
    if shape == "money":
        return _money(value, money.at(known, other or ""))
    if shape == "day":
        found = day(value)
        return f"{found.day} {found:%B %Y}" if found else ""
    if not isinstance(value, list):
        return ""
    names = [str(each.get("name", "") if isinstance(each, dict) else each) for each in value]
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return _listed([*[name for name in names[:MOST_NAMES] if name], *more])


def _money(value: Any, currency: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not isinstance(currency, str):
        return ""
    amount, _, code = str(Money(value, currency)).rpartition(" ")
    return f"{SIGNS[code]}{amount}" if code in SIGNS else f"{amount} {code}"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
