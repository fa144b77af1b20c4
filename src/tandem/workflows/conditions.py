"""Whether something is so: conditions on what is known. Nothing is run, and what is missing is never an error."""

from datetime import date
from typing import Any

from tandem.actions import money
from tandem.workflows import texts
from tandem.workflows.definition import Condition


def holds(condition: Condition, known: dict[str, Any], today: date) -> bool:
    """Whether it is so."""
    if condition.all_ is not None:
        return all(holds(each, known, today) for each in condition.all_)
    if condition.any_ is not None:
        return any(holds(each, known, today) for each in condition.any_)
    if condition.not_ is not None:
        return not holds(condition.not_, known, today)
    value = money.at(known, condition.path or "")
    match condition.operator:
        case "is":
            return _same(value, condition.is_)
        case "is_not":
            return not _same(value, condition.is_not)
        case "in":
            return any(_same(value, each) for each in condition.in_ or ())
        case "present":
            return not _is_missing(value)
        case "missing":
            return _is_missing(value)
        case "above" | "below" | "at_least" | "at_most":
            return _compares(condition, value)
        case _:
            return _is_when(condition, value, today)


def _same(value: Any, other: Any) -> bool:
    """Equal, and of one kind: true is not 1, and "1" is not 1."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if isinstance(value, (int, float)) and isinstance(other, (int, float)):
        return value == other
    return type(value) is type(other) and bool(value == other)


def _is_missing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _compares(condition: Condition, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return (
        (condition.above is not None and value > condition.above)
        or (condition.below is not None and value < condition.below)
        or (condition.at_least is not None and value >= condition.at_least)
        or (condition.at_most is not None and value <= condition.at_most)
    )


def _is_when(condition: Condition, value: Any, today: date) -> bool:
    then = texts.day(value)
    if then is None:
        return False
    gone = (today - then).days
    if condition.within_days is not None:
        return 0 <= gone <= condition.within_days
    if condition.older_than_days is not None:
        return gone > condition.older_than_days
    named = condition.before or condition.after or ""
    limit = today if named == "today" else texts.day(named)
    return limit is not None and (then < limit if condition.before else then > limit)
