"""Text from outside as the database takes it. PostgreSQL stores no NUL character, neither in text nor in jsonb."""

from typing import Any


def storable(value: Any) -> Any:
    """The same JSON value without NUL characters, in its keys and its texts."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {storable(name): storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return value
