"""The shop's page for people: orders, refunds, e-mails, and which requests arrived. Plain HTML, everything escaped."""

import base64
import hashlib
import html
import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from tandem.demo.shop import books as bookkeeping
from tandem.demo.shop.books import Books, Row
from tandem.demo.shop.calendar import euros

STYLE = resources.files("tandem.demo.shop").joinpath("page.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

LATEST = 40
"""So many of each are shown, newest first."""

ORDERS = """
    select o.*, c.name as customer, s.carrier, s.tracking_number, s.expected_on, s.delivered_on,
           (select group_concat(i.quantity || ' x ' || i.name, ', ') from items i where i.order_id = o.order_id) as goods,
           o.delivery_minor
             + (select sum(i.quantity * i.price_minor) from items i where i.order_id = o.order_id) as total_minor,
           (select coalesce(sum(r.amount_minor), 0) from refunds r
            where r.order_id = o.order_id and r.undone_at is null) as refunded_minor
    from orders o join customers c using (customer_id) left join shipments s using (order_id)
    where ?1 in ('', o.customer_id) order by o.placed_at desc, o.order_id desc limit ?2"""

REFUNDS = """
    select r.*, c.name as customer from refunds r join orders o using (order_id) join customers c using (customer_id)
    where ?1 in ('', o.customer_id) order by r.made_at desc, r.rowid desc limit ?2"""

MAILS = """
    select m.*, c.name as customer, c.email from mails m join customers c using (customer_id)
    where ?1 in ('', m.customer_id) order by m.mail_id desc limit ?2"""

REQUESTS = "select * from requests where ?1 in ('', customer_id) order by rowid desc limit ?2"


def show(file: Path, customer: str) -> str:
    """The page; of one customer when an id is given."""
    with bookkeeping.reading(file) as books:
        parts = [
            _section("Refunds", "No refund yet.", map(_refund, books.all(REFUNDS, customer, LATEST))),
            _section("Orders", "No orders.", map(_order, books.all(ORDERS, customer, LATEST))),
            _section("E-mails", "No e-mail yet.", map(_mail, books.all(MAILS, customer, LATEST))),
            _section(
                "What arrived", "No change was asked for yet.", map(_request, books.all(REQUESTS, customer, LATEST))
            ),
        ]
        who = _customers(books, customer)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Acme Outdoor: the order book</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><style>{STYLE}</style></head><body><header>'
        "<h1>Acme Outdoor: the order book</h1><p>The made-up shop's own system, with its own database. "
        "What the assistant changes arrives here; reload the page to see it.</p>"
        f"{who}</header><main>{''.join(parts)}</main></body></html>"
    )


def _customers(books: Books, chosen: str) -> str:
    rows = [
        {"customer_id": "", "name": "Everybody"},
        *books.all("select customer_id, name from customers order by name"),
    ]
    links = (
        f'<a href="/?customer={quote(row["customer_id"], safe="")}"'
        f"{' aria-current=page' if row['customer_id'] == chosen else ''}>{html.escape(row['name'])}</a>"
        for row in rows
    )
    return f'<nav aria-label="Customers">{" ".join(links)}</nav>'


def _section(title: str, nothing: str, entries: Iterable[str]) -> str:
    listed = "".join(entries)
    return f"<section><h2>{title}</h2>{f'<ul>{listed}</ul>' if listed else f'<p>{nothing}</p>'}</section>"


def _entry(title: str, badge: str, *lines: str | None) -> str:
    kind = badge.partition(" ")[0]
    said = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    return (
        f'<li><div class="head"><h3>{html.escape(title)}</h3>'
        f'<span class="badge {html.escape(kind, quote=True)}">{html.escape(badge)}</span></div>{said}</li>'
    )


def _order(row: Row) -> str:
    to = json.loads(row["address"])
    parcel = f"{row['carrier']} {row['tracking_number']}, expected {row['expected_on']}" if row["carrier"] else None
    arrived = f"Delivered {row['delivered_on']}" if row["delivered_on"] else None
    back = f"Refunded {euros(row['refunded_minor'])}" if row["refunded_minor"] else None
    place = f"To {to['name']}, {to['street']}, {to['postcode']} {to['city']}, {to['country']}"
    return _entry(
        f"Order {row['order_id']}, {row['customer']}",
        row["status"],
        f"{row['goods']}: {euros(row['total_minor'])}, {row['payment']}, placed {row['placed_at'][:10]}",
        place,
        arrived or parcel,
        back,
    )


def _refund(row: Row) -> str:
    return _entry(
        f"{euros(row['amount_minor'])} for order {row['order_id']}, {row['customer']}",
        "undone" if row["undone_at"] else "booked",
        f"{row['refund_id']}, {row['reason'].replace('_', ' ')}, {_moment(row['made_at'])}",
        f"Return label {row['return_label']}" if row["return_label"] else "Nothing to send back",
    )


def _mail(row: Row) -> str:
    return _entry(row["subject"], row["kind"], f"To {row['email']}, {_moment(row['sent_at'])}", row["body"])


def _request(row: Row) -> str:
    refused = json.loads(row["answer"]).get("error")
    status = "done" if row["status"] < 300 else f"refused {row['status']}"
    return _entry(
        row["path"],
        status,
        f"For {row['customer_id'] or 'nobody'}, {_moment(row['arrived_at'])}",
        f"Key {row['idempotency_key']}",
        refused,
    )


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"
