"""Personal data in texts: found by form, by check digits and by what the customer's own record says, and kept from providers.

`find` names the places; `Vault` puts placeholders there and takes them out again, also of a text that comes in pieces. Nothing is
guessed: a name or a street that no record knows stays. Knows nothing about models, tenants or conversations.
"""

from tandem.personal.finding import find
from tandem.personal.kinds import DEFAULT, WORDS, Found, Kind, Policy
from tandem.personal.vault import Restorer, Vault

__all__ = ["DEFAULT", "WORDS", "Found", "Kind", "Policy", "Restorer", "Vault", "find"]
