"""What is in a new shop: seven customers and thirty-two orders, with dates counted from the day of filling.

Prices of goods are those of the demo page; delivery costs, Acme Plus and payments follow the articles.
"""

import json
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tandem.demo.shop import calendar
from tandem.demo.shop.books import Books
from tandem.demo.shop.calendar import LAST_CHANCE_DAYS, NEVER, RETURN_DAYS
from tandem.demo.shop.rules import Status

GOODS = {
    "tent": ("Ridge tent for two", 28900, RETURN_DAYS),
    "harbour": ("Harbour 4 tent", 44900, RETURN_DAYS),
    "boots": ("Fell boots", 16400, RETURN_DAYS),
    "daypack": ("Daypack 24 l", 9800, RETURN_DAYS),
    "drift": ("Drift 28 backpack", 12900, RETURN_DAYS),
    "lantern": ("Lantern Ember", 5400, RETURN_DAYS),
    "kettle": ("Camp kettle", 3900, RETURN_DAYS),
    "blanket": ("Wool blanket", 11900, RETURN_DAYS),
    "jacket": ("Squall jacket, size M", 17900, RETURN_DAYS),
    "stove": ("Ember stove", 6900, RETURN_DAYS),
    "pegs": ("Tent pegs, set of eight", 1200, RETURN_DAYS),
    "old boots": ("Fell boots of last season, Last Chance", 8900, LAST_CHANCE_DAYS),
    "gift card": ("Gift card", 5000, NEVER),
}

FREE_DELIVERY_MINOR, DELIVERY_MINOR = 7500, 495
"""Article "shipping-methods-and-costs", standard delivery within the EU."""

CARRIER = "Parcelwind"


class Customer(NamedTuple):
    """A customer; the plan renews so many days from now."""

    customer_id: str
    name: str
    email: str
    payment: str
    address: tuple[str, str, str, str]
    plan: str
    renews_in: int | None
    trial_used: bool


CUSTOMERS = (
    Customer("cy", "Cy", "cy@customer.example", "card", ("14 Lindengracht", "1015 KD", "Amsterdam", "NL"),
             "plus_monthly", 18, True),
    Customer("eva", "Eva Lund", "eva@customer.example", "PayPal", ("Aarhusgade 88", "2100", "Copenhagen", "DK"),
             "basic", None, False),
    Customer("tomas", "Tomas Novak", "tomas@customer.example", "card", ("Korunni 31", "120 00", "Prague", "CZ"),
             "plus_yearly", 200, True),
    Customer("ines", "Ines Prado", "ines@customer.example", "card", ("Calle del Olmo 7", "28012", "Madrid", "ES"),
             "basic", None, True),
    Customer("jonas", "Jonas Weber", "jonas@customer.example", "PayPal", ("Weserstrasse 40", "12045", "Berlin", "DE"),
             "plus_monthly", 5, True),
    Customer("mara", "Mara de Wit", "mara@customer.example", "iDEAL", ("Oudegracht 212", "3511 NR", "Utrecht", "NL"),
             "basic", None, False),
    Customer("luc", "Luc Martin", "luc@customer.example", "card", ("Rue des Tanneurs 5", "1000", "Brussels", "BE"),
             "basic", None, False),
)  # fmt: skip


class Order(NamedTuple):
    """An order placed and delivered so many days ago; goods by their names above, each once."""

    number: int
    customer_id: str
    status: Status
    placed: int
    delivered: int | None
    goods: tuple[str, ...]


R, P, S, D, C = Status.RECEIVED, Status.PACKING, Status.SENT, Status.DELIVERED, Status.CANCELLED

ORDERS = (
    Order(1012, "cy", D, 206, 200, ("daypack",)),  # long past the time for returns
    Order(1014, "eva", D, 190, 184, ("tent", "pegs")),
    Order(1015, "tomas", D, 176, 171, ("stove", "kettle")),
    Order(1016, "ines", D, 150, 145, ("boots",)),
    Order(1017, "jonas", D, 133, 127, ("drift", "lantern")),
    Order(1018, "mara", D, 121, 117, ("kettle",)),
    Order(1019, "luc", C, 110, None, ("harbour",)),
    Order(1020, "tomas", D, 96, 91, ("blanket",)),
    Order(1021, "eva", D, 88, 83, ("lantern", "kettle")),
    Order(1022, "jonas", D, 74, 69, ("jacket",)),
    Order(1023, "ines", C, 66, None, ("tent",)),
    Order(1024, "mara", D, 52, 47, ("gift card",)),  # cannot be returned
    Order(1025, "luc", D, 47, 42, ("jacket", "daypack")),
    Order(1026, "tomas", D, 41, 36, ("tent",)),
    Order(1027, "eva", D, 36, 31, ("pegs",)),
    Order(1028, "cy", D, 25, 20, ("old boots",)),  # Last Chance: 14 days, which are over
    Order(1029, "jonas", D, 23, 18, ("stove",)),
    Order(1030, "ines", D, 22, 17, ("blanket", "kettle")),
    Order(1031, "mara", D, 21, 16, ("boots", "pegs")),
    Order(1032, "luc", D, 20, 15, ("lantern",)),
    Order(1033, "cy", D, 19, 13, ("tent", "boots")),  # 453.00: two approvals
    Order(1034, "tomas", D, 17, 12, ("drift",)),
    Order(1035, "eva", D, 15, 10, ("jacket",)),
    Order(1036, "jonas", D, 14, 9, ("daypack", "kettle")),
    Order(1037, "cy", D, 13, 8, ("tent",)),  # 289.00: above the limit of the demo's refunds, one approval
    Order(1038, "ines", D, 10, 5, ("stove", "pegs")),
    Order(1039, "cy", D, 8, 3, ("kettle",)),  # 39.00: to be refunded at once
    Order(1040, "mara", D, 7, 2, ("lantern",)),
    Order(1041, "luc", S, 4, None, ("boots",)),
    Order(1042, "cy", S, 3, None, ("jacket",)),  # where is my order 1042?
    Order(1043, "eva", P, 1, None, ("harbour",)),
    Order(1044, "cy", P, 1, None, ("blanket",)),  # too late to cancel, too early to refund
    Order(1045, "cy", R, 0, None, ("lantern",)),  # can be cancelled and sent elsewhere
    Order(1046, "tomas", R, 0, None, ("kettle", "pegs")),
)


def fill(books: Books, moment: datetime) -> bool:
    """A new shop gets its customers and orders; one that has any stays as it is. Whether it was new."""
    if books.maybe("select 1 from customers"):
        return False
    for customer in CUSTOMERS:
        _add_customer(books, customer, moment.date())
    for order in ORDERS:
        _add_order(books, order, moment)
    return True


def _add_customer(books: Books, customer: Customer, today: date) -> None:
    renews = today + timedelta(days=customer.renews_in) if customer.renews_in is not None else None
    books.run(
        """insert into customers (customer_id, name, email, payment, address, points, plan, renews_on, trial_used)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        customer.customer_id,
        customer.name,
        customer.email,
        customer.payment,
        _address(customer),
        sum(GOODS[good][1] for order in ORDERS if order.customer_id == customer.customer_id for good in order.goods)
        // 100,
        customer.plan,
        renews.isoformat() if renews else None,
        int(customer.trial_used),
    )


def _add_order(books: Books, order: Order, moment: datetime) -> None:
    customer = next(one for one in CUSTOMERS if one.customer_id == order.customer_id)
    order_id, goods = str(order.number), [GOODS[good] for good in order.goods]
    free = customer.plan != "basic" or sum(price for _, price, _ in goods) >= FREE_DELIVERY_MINOR
    placed = moment if order.placed == 0 else datetime.combine(_ago(moment, order.placed), time(10, 40), moment.tzinfo)
    books.run(
        """insert into orders (order_id, customer_id, status, placed_at, payment, delivery_minor, address)
           values (?, ?, ?, ?, ?, ?, ?)""",
        order_id,
        order.customer_id,
        order.status.value,
        placed.isoformat(),
        customer.payment,
        0 if free else DELIVERY_MINOR,
        _address(customer),
    )
    for name, price, days in goods:
        books.run(
            "insert into items (order_id, name, quantity, price_minor, return_days) values (?, ?, 1, ?, ?)",
            order_id,
            name,
            price,
            days,
        )
    if order.status in (Status.SENT, Status.DELIVERED):
        _add_shipment(books, order, placed.date(), moment)


def _add_shipment(books: Books, order: Order, placed: date, moment: datetime) -> None:
    sent = placed + timedelta(days=1)
    delivered = _ago(moment, order.delivered) if order.delivered is not None else None
    if delivered and delivered.weekday() == 6:  # nothing is delivered on Sundays
        delivered -= timedelta(days=1)
    books.run(
        """insert into shipments (order_id, carrier, tracking_number, sent_on, expected_on, delivered_on)
           values (?, ?, ?, ?, ?, ?)""",
        str(order.number),
        CARRIER,
        f"PW{order.number * 7919 % 10**8:08}NL",
        sent.isoformat(),
        calendar.working_day(sent, 5).isoformat(),
        delivered.isoformat() if delivered else None,
    )


def _ago(moment: datetime, days: int) -> date:
    return moment.date() - timedelta(days=days)


def _address(customer: Customer) -> str:
    keys = ("street", "postcode", "city", "country")
    return json.dumps({"name": customer.name, **dict(zip(keys, customer.address, strict=True))})
