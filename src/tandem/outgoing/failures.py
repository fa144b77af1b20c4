"""Why a request to somebody else's server came to nothing, each in words an admin understands.

`detail` names the host, never a secret and never text of the answer. The docstring says what to do.
"""

from tandem.errors import Problem


class NotAnAddress(Problem):
    """The address is written in a way that Tandem does not follow. Write it as https://host/path, without a log-in in it."""

    status, code, title = 422, "not_an_address", "This is not an address that Tandem follows"


class ForbiddenAddress(Problem):
    """The address leads into a private network. The operator can allow it by TANDEM_OUTGOING_ALLOW."""

    status, code, title = 422, "forbidden_address", "This address is not public"


class Unreachable(Problem):
    """The server does not answer, not in time, or not in safety. Look whether it is up, and try again."""

    status, code, title = 502, "unreachable", "The server cannot be reached"


class Unconnected(Unreachable):
    """No connection came about: whatever was asked, nobody has heard of it. Look whether the server is up, and try again."""


class AnswerTooLarge(Problem):
    """The answer is longer than the limit named in the detail."""

    status, code, title = 502, "answer_too_large", "The answer is too large"


class OddAnswer(Problem):
    """The server answers with something else than its interface promises. It may have changed: look at its version."""

    status, code, title = 502, "odd_answer", "The answer is not what was expected"


class RefusedByServer(Problem):
    """The server refuses, or fails again and again. `answered` (in extra) is its status: 401 and 403 want another secret."""

    status, code, title = 502, "refused_by_server", "The server refuses"


class TryLater(Problem):
    """The server asks for patience: `retry_after` (in extra) says how many seconds."""

    status, code, title = 503, "try_later", "The server asks to come back later"
