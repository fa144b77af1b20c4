"""What can be changed: refunds, cancellations, addresses, password links and the membership.

Each is called in a transaction of its own; what it raises leaves nothing behind. Quotes decide the same and do nothing.
"""

import json
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tandem.demo.shop import calendar, given, lookups, rules
from tandem.demo.shop.books import Books, Row
from tandem.demo.shop.given import Given
from tandem.demo.shop.rules import CURRENCY, Bought, Plan, Reason, RefundQuote, Refused, Status


class Asked(NamedTuple):
    """A change that is asked for: by whom, with what, under which idempotency key."""

    customer: str
    arguments: Given
    key: str


Change = Callable[[Books, Asked], dict[str, Any]]
Quote = Callable[[Books, str, Given], dict[str, Any]]


def quote_refund(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """What would be refunded, with what becomes of the goods."""
    _, quote = _refund(books, customer, arguments)
    return quote.as_json()


def refund_order(books: Books, asked: Asked) -> dict[str, Any]:
    """Books a refund to the payment method of the order."""
    bought, quote = _refund(books, asked.customer, asked.arguments)
    label = f"RL-{secrets.token_hex(4).upper()}" if quote.send_back else None
    refund_id, moment = f"RF-{secrets.token_hex(5).upper()}", calendar.now()
    books.run(
        """insert into refunds (refund_id, order_id, amount_minor, reason, return_label, made_at, made_by_key)
           values (?, ?, ?, ?, ?, ?, ?)""",
        refund_id,
        bought.order_id,
        quote.amount_minor,
        asked.arguments["reason"],
        label,
        moment.isoformat(),
        asked.key,
    )
    step, money = rules.next_step(label), rules.money_sent(label, bought.payment)
    amount = calendar.euros(quote.amount_minor)
    _mail(books, asked.customer, "refund", f"Your refund of {amount} for order {bought.order_id}", f"{step} {money}")
    return {
        "order_id": bought.order_id,
        "refund_id": refund_id,
        "status": "booked",
        "amount_minor": quote.amount_minor,
        "currency": CURRENCY,
        "return_label": label,
        "next_step": step,
        "money": money,
        "undo_until": (moment + timedelta(seconds=rules.UNDO_S)).isoformat(),
    }


def undo_refund(books: Books, asked: Asked) -> dict[str, Any]:
    """Takes a refund back that was made by the key in the body. Done again it says the same."""
    made_by = asked.arguments.get("idempotency_key")
    row = books.maybe(
        "select r.*, customer_id from refunds r join orders using (order_id) where made_by_key = ?", str(made_by)
    )
    if row is None or row["customer_id"] != asked.customer:
        raise Refused("No refund was made by this request.", 404)
    if row["undone_at"] is None:
        _undo(books, row)
        subject = f"Your refund for order {row['order_id']} was taken back"
        _mail(books, row["customer_id"], "refund", subject, f"Refund {row['refund_id']} is not paid out.")
    return {"order_id": row["order_id"], "refund_id": row["refund_id"], "status": "undone"}


def quote_cancel(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """What comes back when the order is cancelled."""
    return rules.cancel(_bought(books, customer, arguments, "order_id"))


def cancel_order(books: Books, asked: Asked) -> dict[str, Any]:
    """Cancels an order that the warehouse has not begun with."""
    quote = quote_cancel(books, asked.customer, asked.arguments)
    books.run("update orders set status = 'cancelled' where order_id = ?", quote["order_id"])
    _mail(books, asked.customer, "cancelled", f"Order {quote['order_id']} is cancelled", quote["money"])
    return {**quote, "status": Status.CANCELLED.value}


def change_address(books: Books, asked: Asked) -> dict[str, Any]:
    """Sends an order elsewhere that the warehouse has not begun with."""
    bought = _bought(books, asked.customer, asked.arguments, "order_id", "address")
    rules.readdress(bought)
    row, _ = lookups.own(books, asked.customer, bought.order_id)
    address = given.address(asked.arguments, json.loads(row["address"])["name"])
    books.run("update orders set address = ? where order_id = ?", json.dumps(address), bought.order_id)
    line = f"{address['name']}, {address['street']}, {address['postcode']} {address['city']}, {address['country']}"
    _mail(books, asked.customer, "address", f"Order {bought.order_id} goes to a new address", line)
    return {"order_id": bought.order_id, "address": address}


def send_password_reset(books: Books, asked: Asked) -> dict[str, Any]:
    """Mails a link for a new password to the account's own address, never to one that is named."""
    given.only(asked.arguments)
    row, moment = lookups.account(books, asked.customer), calendar.now()
    day_ago = (moment - timedelta(days=1)).isoformat()
    sent = books.all(
        "select 1 from mails where customer_id = ? and kind = 'password' and sent_at > ?", asked.customer, day_ago
    )
    if len(sent) >= rules.RESETS_A_DAY:
        raise Refused(f"{rules.RESETS_A_DAY} links were sent in the last 24 hours; no more are sent today.")
    body = "Open the newest of these e-mails within 30 minutes. The link is not shown on this page."
    _mail(books, asked.customer, "password", "Choose a new password", body)
    return {"sent_to": _masked(row["email"]), "valid_for_s": rules.RESET_VALID_S}


def quote_plan(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """What a change of the membership costs today and when it begins."""
    given.only(arguments, "plan")
    then, row = given.choice(arguments, "plan", Plan), lookups.account(books, customer)
    if row["next_plan"] == then.value:
        raise Refused(f"The plan changes to {then.value} on {row['renews_on']} already.")
    renews = date.fromisoformat(row["renews_on"]) if row["renews_on"] else None
    return rules.change_plan(Plan(row["plan"]), then, renews, bool(row["trial_used"]), calendar.now().date())


def change_plan(books: Books, asked: Asked) -> dict[str, Any]:
    """Changes the membership, at once or at the end of what is paid for."""
    quote = quote_plan(books, asked.customer, asked.arguments)
    if quote["begins_on"] > calendar.now().date().isoformat():
        books.run("update customers set next_plan = ? where customer_id = ?", quote["plan"], asked.customer)
    else:
        trial = quote["from_plan"] == Plan.BASIC and quote["amount_minor"] == 0
        books.run(
            """update customers set plan = ?, next_plan = null, renews_on = ?, trial_used = max(trial_used, ?)
               where customer_id = ?""",
            quote["plan"],
            quote["renews_on"],
            int(trial),
            asked.customer,
        )
    paid = calendar.euros(quote["amount_minor"])
    _mail(books, asked.customer, "plan", f"Your plan: {quote['plan']} from {quote['begins_on']}", f"Charged: {paid}")
    return quote


LOOK_UPS: dict[str, Quote] = {
    "get_order": lookups.get_order,
    "list_orders": lookups.list_orders,
    "get_account": lookups.get_account,
    "get_invoice": lookups.get_invoice,
    "refund_order/quote": quote_refund,
    "cancel_order/quote": quote_cancel,
    "change_plan/quote": quote_plan,
}

CHANGES: dict[str, Change] = {
    "refund_order": refund_order,
    "refund_order/undo": undo_refund,
    "cancel_order": cancel_order,
    "change_address": change_address,
    "send_password_reset": send_password_reset,
    "change_plan": change_plan,
}


def _refund(books: Books, customer: str, arguments: Given) -> tuple[Bought, RefundQuote]:
    bought = _bought(books, customer, arguments, "order_id", "amount_minor", "reason")
    reason, amount = given.choice(arguments, "reason", Reason), given.amount(arguments)
    return bought, rules.refund(bought, reason, amount, calendar.now().date())


def _bought(books: Books, customer: str, arguments: Given, *names: str) -> Bought:
    given.only(arguments, *names)
    _, bought = lookups.own(books, customer, given.order_id(arguments))
    return bought


def _undo(books: Books, row: Row) -> None:
    moment = calendar.now()
    if moment > datetime.fromisoformat(row["made_at"]) + timedelta(seconds=rules.UNDO_S):
        raise Refused(f"Refund {row['refund_id']} is older than 30 minutes and on its way to the bank.")
    books.run("update refunds set undone_at = ? where refund_id = ?", moment.isoformat(), row["refund_id"])


def _mail(books: Books, customer: str, kind: str, subject: str, body: str) -> None:
    books.run(
        "insert into mails (customer_id, kind, subject, body, sent_at) values (?, ?, ?, ?, ?)",
        customer,
        kind,
        subject,
        body,
        calendar.now().isoformat(),
    )


def _masked(email: str) -> str:
    name, _, host = email.partition("@")
    return f"{name[0]}***@{host}"
