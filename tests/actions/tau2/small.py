"""A few records and schemas of our own for the shop of these tests: Ada's orders in every state, and Ben's, who is somebody else."""

from typing import Any

import orjson

from tests.actions.tau2.merchant import Record
from tests.actions.tau2.playing import CHANGES

ADA, BEN = "ada", "ben"
SECRET = "Hidden Lane"
"""Stands in Ben's records alone."""

HOME = {"address1": "1 Quay", "address2": "", "city": "Bergen", "state": "VL", "country": "NO", "zip": "5003"}
ELSEWHERE = HOME | {"address1": "2 Harbour", "zip": "5004"}

TEXT = {"type": "string", "minLength": 1}
ORDER_ID = {"type": "string", "pattern": "^#[0-9]{4}$"}
ITEM_IDS = {"type": "array", "items": TEXT, "minItems": 1}
ADDRESS = {name: {"type": "string"} for name in HOME}
SWAP = {"order_id": ORDER_ID, "item_ids": ITEM_IDS, "new_item_ids": ITEM_IDS, "payment_method_id": TEXT}

TOOLS: dict[str, dict[str, Any]] = {
    "find_user_id_by_email": {"email": TEXT},
    "find_user_id_by_name_zip": {"first_name": TEXT, "last_name": TEXT, "zip": TEXT},
    "get_user_details": {"user_id": TEXT},
    "get_order_details": {"order_id": ORDER_ID},
    "get_product_details": {"product_id": TEXT},
    "get_item_details": {"item_id": TEXT},
    "list_all_product_types": {},
    "calculate": {"expression": TEXT},
    "transfer_to_human_agents": {"summary": TEXT},
    "cancel_pending_order": {"order_id": ORDER_ID, "reason": TEXT},
    "modify_pending_order_address": {"order_id": ORDER_ID, **ADDRESS},
    "modify_pending_order_items": SWAP,
    "modify_pending_order_payment": {"order_id": ORDER_ID, "payment_method_id": TEXT},
    "modify_user_address": {"user_id": TEXT, **ADDRESS},
    "exchange_delivered_order_items": SWAP,
    "return_delivered_order_items": {"order_id": ORDER_ID, "item_ids": ITEM_IDS, "payment_method_id": TEXT},
}
"""What each takes; look-ups stand first, for the rules of ownership need them."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a tool."""
    return {"type": "object", "properties": TOOLS[name], "required": list(TOOLS[name])}


def is_change(name: str) -> bool:
    """Whether it changes anything."""
    return name in CHANGES


def _variant(item_id: str, price: float, *, available: bool = True, **options: str) -> Record:
    return {"item_id": item_id, "options": options, "available": available, "price": price}


def _product(product_id: str, name: str, *variants: Record) -> Record:
    return {"name": name, "product_id": product_id, "variants": {each["item_id"]: each for each in variants}}


PRODUCTS = {
    "p-mug": _product(
        "p-mug",
        "Mug",
        _variant("mug-blue", 12.5, colour="blue"),
        _variant("mug-red", 14.05, colour="red"),
        _variant("mug-green", 13.0, colour="green", available=False),
        _variant("mug-gold", 30.1, colour="gold"),
    ),
    "p-lamp": _product(
        "p-lamp", "Lamp", _variant("lamp-1", 40.1, size="small"), _variant("lamp-2", 39.9, size="large")
    ),
}


def _user(user_id: str, first: str, last: str, address: Record, balance: float) -> Record:
    card, gift = f"card_{user_id}", f"gift_{user_id}"
    return {
        "user_id": user_id,
        "name": {"first_name": first, "last_name": last},
        "address": address,
        "email": f"{user_id}@shoppers.example",
        "payment_methods": {
            card: {"source": "credit_card", "id": card, "last_four": "4242"},
            gift: {"source": "gift_card", "id": gift, "balance": balance},
        },
    }


def _order(order_id: str, user_id: str, status: str, method: str, address: Record, *items: tuple[str, str]) -> Record:
    bought = []
    for product_id, item_id in items:
        product = PRODUCTS[product_id]
        variant = product["variants"][item_id]
        kept = {key: value for key, value in variant.items() if key != "available"}
        bought.append({"name": product["name"], "product_id": product_id, **kept})
    paid = sum(round(item["price"] * 100) for item in bought) / 100
    return {
        "order_id": order_id,
        "user_id": user_id,
        "address": address,
        "items": bought,
        "status": status,
        "payment_history": [{"transaction_type": "payment", "amount": paid, "payment_method_id": method}],
    }


def data() -> bytes:
    """Everything, as the shop reads it."""
    mug, lamp = ("p-mug", "mug-blue"), ("p-lamp", "lamp-1")
    hidden = HOME | {"address1": SECRET}
    orders = [
        _order("#1001", ADA, "pending", "gift_ada", HOME, mug, lamp),
        _order("#1002", ADA, "delivered", "card_ada", HOME, mug, lamp),
        _order("#1003", ADA, "processed", "card_ada", HOME, mug),
        _order("#1004", ADA, "pending", "gift_ada", HOME, mug),
        _order("#1005", ADA, "delivered", "gift_ada", HOME, mug, mug),
        _order("#2001", BEN, "pending", "card_ben", hidden, mug),
        _order("#2002", BEN, "delivered", "card_ben", hidden, lamp),
    ]
    users = [_user(ADA, "Ada", "Berg", HOME, 5.0), _user(BEN, "Ben", "Dahl", hidden, 500.0)]
    whole = {
        "users": {user["user_id"]: user for user in users},
        "orders": {order["order_id"]: order for order in orders},
        "products": PRODUCTS,
    }
    return orjson.dumps(whole)
