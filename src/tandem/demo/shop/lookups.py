"""What can be looked up: an order, a customer's latest orders, an account, an invoice. Nothing here writes."""

import json
from datetime import date, datetime
from typing import Any

from tandem.demo.shop import given
from tandem.demo.shop.books import Books, Row
from tandem.demo.shop.given import Given
from tandem.demo.shop.rules import CURRENCY, Bought, Line, Refused, Status

LATEST = 5
VAT_PERCENT = 21
"""Of the Netherlands, contained in the prices."""

CREDENTIALS = "Acme Outdoor B.V., 12 Canvas Quay, Utrecht"

ORDER = """
    select o.*, c.plan, s.carrier, s.tracking_number, s.sent_on, s.expected_on, s.delivered_on,
           (select coalesce(sum(amount_minor), 0) from refunds r
            where r.order_id = o.order_id and r.undone_at is null) as refunded_minor
    from orders o join customers c using (customer_id) left join shipments s using (order_id)
    where o.order_id = ?"""


def get_order(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """An order as its customer sees it. Whoever else asks learns whose it is, and nothing more."""
    given.only(arguments, "order_id")
    row, bought = find(books, given.order_id(arguments))
    if row["customer_id"] != customer:
        return {"order_id": row["order_id"], "customer_id": row["customer_id"]}
    return {
        "order_id": row["order_id"],
        "order_number": f"AO{int(row['order_id']):08}",
        "customer_id": row["customer_id"],
        "status": bought.status.value,
        "items": [
            {"name": line.name, "quantity": line.quantity, "price_minor": line.price_minor} for line in bought.lines
        ],
        "delivery_minor": bought.delivery_minor,
        "total_minor": bought.total_minor,
        "refunded_minor": bought.refunded_minor,
        "currency": CURRENCY,
        "payment": bought.payment,
        "placed_on": bought.placed.isoformat(),
        "carrier": row["carrier"],
        "tracking_number": row["tracking_number"],
        "expected_on": row["expected_on"],
        "delivered_on": row["delivered_on"],
        "return_by": bought.return_by.isoformat() if bought.return_by else None,
        "can_change": bought.status is Status.RECEIVED,
        "address": json.loads(row["address"]),
    }


def list_orders(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """The five latest orders of the customer who is served, newest first."""
    given.only(arguments)
    account(books, customer)
    rows = books.all(
        "select order_id from orders where customer_id = ? order by placed_at desc, order_id desc limit ?",
        customer,
        LATEST,
    )
    return {"orders": [_short(get_order(books, customer, {"order_id": row["order_id"]})) for row in rows]}


def get_account(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """The account of the customer who is served."""
    given.only(arguments)
    row = account(books, customer)
    return {
        **{key: row[key] for key in ("customer_id", "name", "email", "payment", "points", "plan", "next_plan")},
        "renews_on": row["renews_on"],
        "address": json.loads(row["address"]),
    }


def get_invoice(books: Books, customer: str, arguments: Given) -> dict[str, Any]:
    """A copy of an invoice, as fields and as a text. There is none before the parcel has been sent."""
    given.only(arguments, "order_id")
    row, bought = own(books, customer, given.order_id(arguments))
    if row["sent_on"] is None:
        raise Refused(f"The invoice of order {bought.order_id} comes when the parcel has been sent.", 404)
    number = f"{row['sent_on'][:4]}-{int(bought.order_id):06}"
    vat = round(bought.total_minor * VAT_PERCENT / (100 + VAT_PERCENT))
    return {
        "order_id": bought.order_id,
        "invoice_number": number,
        "issued_on": row["sent_on"],
        "total_minor": bought.total_minor,
        "vat_minor": vat,
        "currency": CURRENCY,
        "text": _invoice(number, row, bought, vat),
    }


def find(books: Books, order_id: str) -> tuple[Row, Bought]:
    """An order, whoever's it is. Raises Refused (404)."""
    row = books.maybe(ORDER, order_id)
    if row is None:
        raise Refused(f"There is no order {order_id}.", 404)
    lines = tuple(
        Line(item["name"], item["quantity"], item["price_minor"], item["return_days"])
        for item in books.all("select * from items where order_id = ? order by rowid", order_id)
    )
    delivered = date.fromisoformat(row["delivered_on"]) if row["delivered_on"] else None
    placed = datetime.fromisoformat(row["placed_at"]).date()
    return row, Bought(
        order_id,
        Status(row["status"]),
        placed,
        delivered,
        row["delivery_minor"],
        lines,
        row["refunded_minor"],
        row["plan"] != "basic",
        row["payment"],
    )


def own(books: Books, customer: str, order_id: str) -> tuple[Row, Bought]:
    """The same, of this customer alone: somebody else's order does not exist for them. Raises Refused (404)."""
    row, bought = find(books, order_id)
    if row["customer_id"] != customer:
        raise Refused(f"There is no order {order_id}.", 404)
    return row, bought


def account(books: Books, customer: str) -> Row:
    """A customer's row. Raises Refused (404)."""
    row = books.maybe("select * from customers where customer_id = ?", customer)
    if row is None:
        raise Refused("There is no such account.", 404)
    return row


def _short(order: dict[str, Any]) -> dict[str, Any]:
    keys = ("order_id", "status", "items", "total_minor", "currency", "placed_on", "expected_on", "delivered_on")
    return {key: order[key] for key in keys}


def _invoice(number: str, row: Row, bought: Bought, vat: int) -> str:
    to = json.loads(row["address"])
    lines = [(f"{line.quantity} x {line.name}", line.sum_minor) for line in bought.lines]
    lines += [("Delivery", bought.delivery_minor), ("Total", bought.total_minor), (f"of it {VAT_PERCENT}% VAT", vat)]
    return "\n".join(
        [
            CREDENTIALS,
            "",
            f"Invoice {number} of {row['sent_on']}, order AO{int(bought.order_id):08}",
            f"{to['name']}, {to['street']}, {to['postcode']} {to['city']}, {to['country']}",
            "",
            *(f"{what:<46}{minor / 100:>10.2f} {CURRENCY}" for what, minor in lines),
        ]
    )
