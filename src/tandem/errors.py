"""The errors that cross a room's border, each with a stable code that the HTTP edge shows as problem+json.

Knows nothing about HTTP frameworks: `status` is only the number the edge will use.
A docstring tells the reader of the error what to do.
"""

from typing import Any, ClassVar


class Problem(Exception):
    """Something the caller can understand and act on. `detail` is a sentence for a person."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class Malformed(Problem):
    """The input has the wrong shape; `errors` in `extra` names the fields. Correct it and send it again."""

    status, code, title = 422, "malformed", "The request is malformed"


class SignedOut(Problem):
    """No valid credential came with the request. Sign in, or get a new session token."""

    status, code, title = 401, "signed_out", "Sign in first"


class Forbidden(Problem):
    """The caller is known and may not do this. Ask someone with the right role or scope."""

    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(Problem):
    """There is no such thing for this caller; another tenant's things are not there either."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(Problem):
    """The world has moved on since the caller looked. Look again and decide anew."""

    status, code, title = 409, "conflict", "This has changed meanwhile"


class TooLarge(Problem):
    """More bytes than the limit named in the detail. Send less."""

    status, code, title = 413, "too_large", "Too large"


class TooMany(Problem):
    """A rate limit. Wait `retry_after` seconds (in `extra`) and try again."""

    status, code, title = 429, "too_many", "Too many requests"


class Unavailable(Problem):
    """A part that Tandem needs does not answer just now. Try again in a moment."""

    status, code, title = 503, "unavailable", "Not available right now"
