"""Cursors of paged lists: where the last page ended, opaque to the caller. They hold no tenant and prove nothing."""

import base64
from datetime import datetime
from uuid import UUID

from tandem.errors import Malformed


def pack(at: datetime, id: UUID) -> str:
    """A cursor after this row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{id}".encode()).decode().rstrip("=")


def unpack(cursor: str) -> tuple[datetime, UUID]:
    """Where a cursor points. Raises Malformed."""
    try:
        at, _, id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        return datetime.fromisoformat(at), UUID(id)
    except ValueError as problem:
        raise Malformed(
            "The cursor is not one of ours.", errors=[{"field": "cursor", "message": "must come from next_cursor"}]
        ) from problem
