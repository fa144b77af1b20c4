"""Database rows into frozen dataclasses, by position; text becomes the enum that the field's type names."""

import types
import typing
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from typing import Any


@cache
def builder(row: type[Any]) -> Callable[[Sequence[Any]], Any]:
    """A function that makes a `row` of one database row."""
    if row in (int, str, bool, float, bytes, dict, list) or not hasattr(row, "__dataclass_fields__"):
        return lambda values: values[0]
    hints = typing.get_type_hints(row)
    enums = [(i, e) for i, name in enumerate(row.__dataclass_fields__) if (e := _enum(hints[name])) is not None]
    if not enums:
        return lambda values: row(*values)

    def build(values: Sequence[Any]) -> Any:
        changed = list(values)
        for i, enum in enums:
            if changed[i] is not None:
                changed[i] = enum(changed[i])
        return row(*changed)

    return build


def _enum(hint: Any) -> type[StrEnum] | None:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next((o for o in options if isinstance(o, type) and issubclass(o, StrEnum)), None)
