"""The arguments of a request, read strictly: what is missing, extra or of another shape is refused with a sentence."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from tandem.demo.shop.rules import Refused

Given = Mapping[str, Any]
E = TypeVar("E", bound=StrEnum)

ORDER = re.compile(r"(?:AO0000)?([0-9]{4})", re.ASCII)
"""As people say it, or as the articles write it: AO and eight digits."""

EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
"""The shop's region (article "where-we-ship"): another region is another warehouse."""

LONGEST = {"name": 80, "street": 100, "postcode": 10, "city": 80, "country": 2}


def only(given: Given, *names: str) -> None:
    """Raises Refused when there is anything else."""
    if extra := sorted(set(given) - set(names)):
        raise Refused(f"There is no argument named {extra[0][:40]!r} here.")


def order_id(given: Given) -> str:
    """The order's number: four digits."""
    found = ORDER.fullmatch(text) if isinstance(text := given.get("order_id"), str) else None
    if not found:
        raise Refused("order_id is four digits, or AO and eight digits.")
    return found[1]


def amount(given: Given) -> int | None:
    """Cents above zero, or None when it is left out."""
    value = given.get("amount_minor")
    if value is None:
        return None
    if type(value) is not int or not 0 < value < 10**9:
        raise Refused("amount_minor is a whole number of cents above zero.")
    return value


def choice(given: Given, name: str, kind: type[E]) -> E:
    """One of a closed set."""
    try:
        return kind(str(given.get(name)))
    except ValueError:
        raise Refused(f"{name} is one of {', '.join(kind)}.") from None


def address(given: Given, name_before: str) -> dict[str, str]:
    """A whole address within the shop's region; who receives it stays the same when nobody is named."""
    found = given.get("address")
    if not isinstance(found, dict):
        raise Refused("address is an object with street, postcode, city and country.")
    only(found, *LONGEST)
    read = {key: _line(found, key) for key in LONGEST if key != "name" or key in found}
    if read["country"] not in EU:
        raise Refused("The address has to be in the EU. For another region, cancel the order and place it there.")
    return {"name": name_before, **read}


def _line(found: Given, key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST[key] or not value.isprintable():
        raise Refused(f"address.{key} is one line of 1 to {LONGEST[key]} characters.")
    return value.strip()
