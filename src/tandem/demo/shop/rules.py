"""What the shop gives back and charges: decided from records, without reading or writing. The articles are the source."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tandem.demo.shop import calendar
from tandem.demo.shop.calendar import euros, in_words

CURRENCY = "EUR"

LABEL_MINOR = 395
"""A return label within the EU, taken off the refund; free for Acme Plus (article "start-a-return")."""

KEEP_BELOW_MINOR = 2000
"""A damaged article that cost less need not come back (article "damaged-wrong-or-missing-items")."""

UNDO_S = 1800
"""A refund can be taken back for so long: nothing has left the bank by then. The shop's own rule."""

RESETS_A_DAY = 5
"""Article "reset-your-password"."""

RESET_VALID_S = 1800
"""Article "reset-your-password": 30 minutes."""


class Refused(Exception):
    """The shop does not do it, and nothing was done. `str()` is a sentence for people; `status` goes on the wire."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.status = status


class Status(StrEnum):
    """The steps of article "order-status-explained", and the end of a cancelled order."""

    RECEIVED = "received"
    PACKING = "packing"
    SENT = "sent"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why money goes back."""

    CHANGED_MIND = "changed_mind"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    FAULTY = "faulty"


class Plan(StrEnum):
    """No membership, or Acme Plus by month or by year."""

    BASIC = "basic"
    MONTHLY = "plus_monthly"
    YEARLY = "plus_yearly"


PRICES = {Plan.BASIC: 0, Plan.MONTHLY: 450, Plan.YEARLY: 3900}
"""Article "acme-plus-benefits-and-price", in cents."""

TRIAL_DAYS = 30
"""The same article: one free trial for each customer, which goes on as the monthly plan."""

PERIOD_DAYS = {Plan.MONTHLY: 30, Plan.YEARLY: 365}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; prices of one piece in cents, `return_days` as in `calendar`."""

    name: str
    quantity: int
    price_minor: int
    return_days: int

    @property
    def sum_minor(self) -> int:
        """Of all pieces."""
        return self.quantity * self.price_minor


@dataclass(frozen=True, slots=True)
class Bought:
    """An order as the rules see it; `refunded_minor` without what was taken back again."""

    order_id: str
    status: Status
    placed: date
    delivered: date | None
    delivery_minor: int
    lines: tuple[Line, ...]
    refunded_minor: int
    plus: bool
    payment: str

    @property
    def total_minor(self) -> int:
        """What was paid."""
        return self.delivery_minor + sum(line.sum_minor for line in self.lines)

    @property
    def return_by(self) -> date | None:
        """The last day on which anything of it can be sent back."""
        if self.delivered is None or not any(line.return_days for line in self.lines):
            return None
        return max(_window(self, self.delivered, line) for line in self.lines if line.return_days)


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What would be refunded: goods and delivery, less the label."""

    order_id: str
    amount_minor: int
    goods_minor: int
    delivery_minor: int
    label_minor: int
    send_back: bool
    return_by: str | None
    within_policy: bool = True
    currency: str = CURRENCY

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return asdict(self)


def refund(bought: Bought, reason: Reason, amount_minor: int | None, today: date) -> RefundQuote:
    """What goes back for this reason. Raises Refused with the rule as a sentence."""
    delivered = _delivered(bought)
    goods = _goods(bought, delivered, reason, today)
    blameless = reason is not Reason.CHANGED_MIND
    whole = goods == bought.total_minor - bought.delivery_minor
    soon = today <= delivered + timedelta(days=calendar.DELIVERY_BACK_DAYS)
    delivery = bought.delivery_minor if blameless or (whole and soon) else 0
    send_back = reason is not Reason.MISSING_ITEM and not (reason is Reason.DAMAGED and goods < KEEP_BELOW_MINOR)
    label = 0 if blameless or bought.plus else LABEL_MINOR
    most = min(goods + delivery - label, bought.total_minor) - bought.refunded_minor
    if most <= 0:
        raise Refused(f"Order {bought.order_id} has been refunded already ({euros(bought.refunded_minor)}).")
    if amount_minor is not None and amount_minor > most:
        raise Refused(f"At most {euros(most)} of order {bought.order_id} can be refunded.")
    by = bought.return_by
    return RefundQuote(
        bought.order_id, amount_minor or most, goods, delivery, label, send_back, by.isoformat() if by else None
    )


def next_step(label: str | None) -> str:
    """What the customer has to do (article "start-a-return")."""
    if label:
        return f"Please hand in the parcel within 14 days with the return label {label}."
    return "You need not send anything back."


def money_sent(label: str | None, payment: str) -> str:
    """When the money comes (article "refund-times")."""
    takes = {
        "PayPal": "it arrives at PayPal within 24 hours of that",
        "iDEAL": "it reaches the account 2 working days later",
    }
    sent = "within 5 working days of the parcel's arrival at our warehouse" if label else "at once"
    return f"We send the money {sent}; {takes.get(payment, 'it shows up on the card 3-5 working days later')}."


def cancel(bought: Bought) -> dict[str, Any]:
    """What happens to the money of a cancelled order. Raises Refused."""
    _still_received(bought, "cancelled")
    if bought.payment == "card":
        money = "The reservation on the card is released at once and disappears within 5 working days."
    else:
        money = f"{bought.payment} pays the money back within 2 working days."
    return {
        "order_id": bought.order_id,
        "amount_minor": bought.total_minor,
        "currency": CURRENCY,
        "within_policy": True,
        "money": money,
    }


def readdress(bought: Bought) -> None:
    """Raises Refused when the parcel can no longer go elsewhere."""
    _still_received(bought, "sent to another address")


def change_plan(now: Plan, then: Plan, renews: date | None, trial_used: bool, today: date) -> dict[str, Any]:
    """What a change of the membership costs today and when it begins (article "acme-plus-billing-and-cancelling")."""
    if now is then:
        raise Refused(f"The plan is {then.value} already.")
    begins, amount, credit, next_renewal = today, PRICES[then], 0, renews
    if now is Plan.BASIC:
        trial = then is Plan.MONTHLY and not trial_used
        amount = 0 if trial else amount
        next_renewal = today + timedelta(days=TRIAL_DAYS if trial else PERIOD_DAYS[then])
    elif then is Plan.YEARLY:
        left = max(0, (renews - today).days) if renews else 0
        credit = PRICES[now] * min(left, PERIOD_DAYS[now]) // PERIOD_DAYS[now]
        amount -= credit
        next_renewal = today + timedelta(days=PERIOD_DAYS[then])
    else:  # to the monthly plan or out of the membership: at the end of what is paid for
        begins, amount = renews or today, 0
    return {
        "plan": then.value,
        "from_plan": now.value,
        "amount_minor": amount,
        "credit_minor": credit,
        "currency": CURRENCY,
        "begins_on": begins.isoformat(),
        "renews_on": next_renewal.isoformat() if next_renewal and then is not Plan.BASIC else None,
    }


def _delivered(bought: Bought) -> date:
    if bought.status is Status.CANCELLED:
        raise Refused(f"Order {bought.order_id} was cancelled; its money is back already.")
    if bought.status is not Status.DELIVERED or bought.delivered is None:
        raise Refused(f"Order {bought.order_id} has not been delivered yet, so nothing can be refunded.")
    return bought.delivered


def _goods(bought: Bought, delivered: date, reason: Reason, today: date) -> int:
    if reason in (Reason.DAMAGED, Reason.WRONG_ITEM, Reason.MISSING_ITEM):
        end = delivered + timedelta(days=calendar.REPORT_DAYS)
        if today > end:
            raise Refused(f"Damaged, wrong and missing goods had to be reported by {in_words(end)}.")
        return sum(line.sum_minor for line in bought.lines)
    if not any(line.return_days for line in bought.lines):
        raise Refused(f"Nothing of order {bought.order_id} can be returned, such as gift cards.")
    goods = sum(
        line.sum_minor for line in bought.lines if line.return_days and today <= _window(bought, delivered, line)
    )
    if not goods:
        assert bought.return_by is not None
        rest = " A fault is a matter of the warranty now." if reason is Reason.FAULTY else ""
        raise Refused(f"Order {bought.order_id} could be returned until {in_words(bought.return_by)}.{rest}")
    return goods


def _window(bought: Bought, delivered: date, line: Line) -> date:
    return calendar.last_day_to_return(bought.placed, delivered, line.return_days)


def _still_received(bought: Bought, done: str) -> None:
    if bought.status is Status.CANCELLED:
        raise Refused(f"Order {bought.order_id} has been cancelled already.")
    if bought.status is not Status.RECEIVED:
        raise Refused(f'Order {bought.order_id} is "{bought.status.value}" and can no longer be {done}.')
