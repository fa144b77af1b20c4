"""What is said when the embedded server cannot run."""

from tandem.errors import Unavailable


class NoServer(Unavailable):
    """The embedded PostgreSQL cannot run here. The detail says in one sentence why and what to do about it."""

    code, title = "no_server", "The embedded database cannot run"
