"""The kinds of personal data that are told apart, and what a tenant lets a provider see of them."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """One kind. The value is what a tenant's rules call it."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"
    """Tax and social security numbers."""
    IP = "ip"
    NAME = "name"
    """The customer's own, from their record."""
    ADDRESS = "address"
    """The customer's own, from their record."""


DEFAULT = (Kind.EMAIL, Kind.PHONE, Kind.CARD, Kind.IBAN, Kind.NATIONAL_ID, Kind.IP)
"""What is kept from providers unless a tenant decides otherwise: what points to one person by itself. A first name does not, and
an assistant that may not say it is stiff; `name` and `address` are for tenants who want them kept too."""

WORDS = {
    Kind.EMAIL: "[e-mail address]",
    Kind.PHONE: "[phone number]",
    Kind.CARD: "[card number]",
    Kind.IBAN: "[account number]",
    Kind.NATIONAL_ID: "[identity number]",
    Kind.IP: "[IP address]",
    Kind.NAME: "[name]",
    Kind.ADDRESS: "[address]",
}
"""What stands in a text from which the data was taken for good."""


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data in a text: its offsets in characters, and its kind."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept from a provider, what the customer's record knows, and whether replies get the data back."""

    kinds: frozenset[Kind] = frozenset(DEFAULT)
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    restores: bool = True
    """In text. The arguments of calls get theirs back always: they go to the company's own code, not to a reader."""
