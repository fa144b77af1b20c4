"""Requests to addresses that a tenant's admin, or a page, has named: the only client that sends them.

Everything it may reach is public, unless the operator allowed it by TANDEM_OUTGOING_ALLOW (security.md T8). Knows nothing
about what the answers mean. The model's and the embedding endpoint are the operator's own settings and not reached this way.
"""

from tandem.outgoing.addresses import Allowed, read_allowed
from tandem.outgoing.client import CAPS, Answer, Caps, Client
from tandem.outgoing.failures import (
    AnswerTooLarge,
    ForbiddenAddress,
    NotAnAddress,
    OddAnswer,
    RefusedByServer,
    TryLater,
    Unconnected,
    Unreachable,
)
from tandem.outgoing.patience import Patient

__all__ = [
    "CAPS",
    "Allowed",
    "Answer",
    "AnswerTooLarge",
    "Caps",
    "Client",
    "ForbiddenAddress",
    "NotAnAddress",
    "OddAnswer",
    "Patient",
    "RefusedByServer",
    "TryLater",
    "Unconnected",
    "Unreachable",
    "read_allowed",
]
