"""That something was done, only the ledger says: no courtesy, no citation and no question lets it through (security.md T15)."""

import pytest

from tandem.answering import guard


@pytest.mark.parametrize(
    "claim",
    [
        "Done!",
        "All done.",
        "Sure, I have cancelled your order.",
        "Of course, your order has been cancelled.",
        "Certainly, we've just updated your address.",
        "I cancelled it, would you like anything else?",
        "Thanks, that is done.",
        "Sorry for the trouble, it went through now.",
        "Thank you, this has been taken care of.",
        "Hello, your parcel is on its way.",
    ],
)
def test_a_courtesy_claims_no_deed(claim: str) -> None:
    assert not guard.is_courtesy(claim)
    assert guard.claims_deed(claim)


@pytest.mark.parametrize(
    "said",
    [
        "Happy to help!",
        "Sure, let me know which order you mean.",
        "Has your order been cancelled?",
        "Would you like me to change the address?",
        "I'm sorry about the trouble.",
        "Could you tell me when it was delivered?",
    ],
)
def test_what_claims_nothing_is_a_courtesy_still(said: str) -> None:
    assert guard.is_courtesy(said)


@pytest.mark.parametrize(
    "rule",
    [
        "Once your order has been cancelled, the money comes back within five days.",
        "Refunds are processed within 14 days.",
        "If the item was exchanged before, send us both.",
        "You can cancel an order until it is packed.",
    ],
)
def test_a_rule_for_everybody_is_no_deed(rule: str) -> None:
    assert not guard.claims_deed(rule)


def test_a_citation_does_not_make_a_deed_true() -> None:
    source = "You can cancel your order within an hour. We refund the order then."
    assert guard._contradicts("I have cancelled your order.", source) == "it says that something was done"
    assert guard._contradicts("Your order has been cancelled.", source) == "it says that something was done"
    assert guard._contradicts("You can cancel your order within an hour.", source) == ""
