"""A shop with a policy, for tests of actions: sixteen tools over users, orders and products, one POST each.

It knows what a shop knows: status, stock, reasons, payment methods and balances. Whose order it is, whether the customer agreed
and how much may move it does not ask: only the product can. Money is decimal dollars in the records and whole cents in between.
"""

import ast
import operator
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from tests.actions.backend import Asked, Backend

Record = dict[str, Any]

REASONS = ("no longer needed", "ordered by mistake")
LONGEST_SUM = 200
CENT = Decimal("0.01")
SUMS: dict[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Unable(Exception):
    """The shop does not do this: a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def cents(dollars: float) -> int:
    """The exact amount that a record's number of dollars stands for."""
    return int((Decimal(repr(dollars)) / CENT).to_integral_value())


def dollars(minor: int) -> float:
    """An amount as records have it."""
    return float(Decimal(minor) * CENT)


@dataclass
class Merchant(Backend):
    """The shop over HTTP. `down`: tools that answer 500 and do nothing."""

    data: bytes = field(default=b"{}", repr=False)
    down: set[str] = field(default_factory=set)
    users: dict[str, Record] = field(default_factory=dict, repr=False)
    orders: dict[str, Record] = field(default_factory=dict, repr=False)
    products: dict[str, Record] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.restore()

    def restore(self) -> None:
        """Everything as it was at the start, and nothing asked yet."""
        with self.lock:
            whole = orjson.loads(self.data)
            self.users, self.orders, self.products = (whole.get(kind, {}) for kind in ("users", "orders", "products"))
            self.asked.clear()
            self.effects.clear()
            self.answers.clear()
            self.faults.clear()
            self.down.clear()

    def changed(self) -> dict[str, dict[str, Record]]:
        """The records that differ from the start, by kind and id."""
        before = orjson.loads(self.data)
        now = {"users": self.users, "orders": self.orders, "products": self.products}
        differ = {
            kind: {id: record for id, record in records.items() if record != before[kind].get(id)}
            for kind, records in now.items()
        }
        return {kind: orjson.loads(orjson.dumps(records)) for kind, records in differ.items() if records}

    def changes(self) -> list[Asked]:
        """The requests for changes that came, in order."""
        return [one for one in self.asked if one.key is not None]

    # ------------------------------------------------------------------ over HTTP

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Status and body; a change once for its key."""
        tool, _, what = asked.path.strip("/").partition("/")
        if tool in self.down:
            return 500, {"error": "down"}
        with self.lock:
            if asked.key is not None and asked.key in self.answers:
                return self.answers[asked.key]
            status, body = self._quote(tool, asked.body) if what == "quote" else self._answer(tool, asked.body)
            if asked.key is not None:
                self.answers[asked.key] = status, body
                if status == 200:
                    self.effects.append((asked.path, asked.key, asked.body))
            return status, body

    def _answer(self, tool: str, arguments: Any) -> tuple[int, Any]:
        try:
            return 200, self.do(tool, arguments)
        except Unable as unable:
            return unable.status, {"error": unable.sentence}

    def _quote(self, tool: str, arguments: Any) -> tuple[int, Any]:
        """What a return pays back."""
        order = self.orders.get(arguments.get("order_id", ""))
        if tool != "return_delivered_order_items" or order is None:
            return 404, {"error": "There is no price for this."}
        prices = {item["item_id"]: item["price"] for item in order["items"]}
        return 200, {"amount": sum(prices.get(id, 0.0) for id in arguments["item_ids"]), "currency": "USD"}

    # ------------------------------------------------------------------ the tools

    def do(self, tool: str, arguments: Record) -> Any:
        """What a tool answers. Raises Unable, and has changed nothing then."""
        known = getattr(self, f"_do_{tool}", None)
        if known is None:
            raise Unable(404, "There is no such tool.")
        try:
            result = known(**arguments)
        except TypeError as wrong:
            raise Unable(422, f"Wrong arguments: {wrong}") from wrong
        return orjson.loads(orjson.dumps(result))

    def _do_find_user_id_by_email(self, email: str) -> Record:
        return _one(id for id, user in self.users.items() if user["email"].lower() == email.lower())

    def _do_find_user_id_by_name_zip(self, first_name: str, last_name: str, zip: str) -> Record:
        wanted = (first_name.lower(), last_name.lower(), zip)
        return _one(id for id, user in self.users.items() if _name_zip(user) == wanted)

    def _do_get_user_details(self, user_id: str) -> Record:
        return _known(self.users, user_id, "user")

    def _do_get_order_details(self, order_id: str) -> Record:
        return _known(self.orders, order_id, "order")

    def _do_get_product_details(self, product_id: str) -> Record:
        return _known(self.products, product_id, "product")

    def _do_get_item_details(self, item_id: str) -> Record:
        for product in self.products.values():
            if item_id in product["variants"]:
                found: Record = product["variants"][item_id]
                return found
        raise Unable(404, "There is no such item.")

    def _do_list_all_product_types(self) -> Record:
        return {product["name"]: id for id, product in sorted(self.products.items(), key=lambda each: each[1]["name"])}

    def _do_calculate(self, expression: str) -> Record:
        try:
            if len(expression) > LONGEST_SUM:
                raise ValueError
            exact = _sum(ast.parse(expression, mode="eval").body)
            return {"value": str(exact.quantize(CENT))}
        except (ValueError, SyntaxError, InvalidOperation, ZeroDivisionError, RecursionError):
            raise Unable(422, "That is no sum.") from None

    def _do_transfer_to_human_agents(self, summary: str) -> Record:
        return {"status": "transferred"}

    def _do_cancel_pending_order(self, order_id: str, reason: str) -> Record:
        order = self._order(order_id, "pending")
        if reason not in REASONS:
            raise Unable(422, "An order is not cancelled for such a reason.")
        refunds = [{**each, "transaction_type": "refund"} for each in order["payment_history"]]
        for refund in refunds:
            self._credit(order, refund["payment_method_id"], cents(refund["amount"]))
        order["payment_history"].extend(refunds)
        order.update(status="cancelled", cancel_reason=reason)
        return order

    def _do_modify_pending_order_address(self, order_id: str, **address: str) -> Record:
        order = self._order(order_id, "pending", "pending (item modified)")
        order["address"] = _address(address)
        return order

    def _do_modify_user_address(self, user_id: str, **address: str) -> Record:
        user = _known(self.users, user_id, "user")
        user["address"] = _address(address)
        return user

    def _do_modify_pending_order_payment(self, order_id: str, payment_method_id: str) -> Record:
        order = self._order(order_id, "pending", "pending (item modified)")
        paid = order["payment_history"]
        if len(paid) != 1 or paid[0]["transaction_type"] != "payment":
            raise Unable(422, "This order has not been paid with one payment.")
        before, owed = paid[0]["payment_method_id"], cents(paid[0]["amount"])
        if before == payment_method_id:
            raise Unable(422, "It is paid like this already.")
        self._debit(order, payment_method_id, owed)
        self._credit(order, before, owed)
        paid.append(_moved("payment", owed, payment_method_id))
        paid.append(_moved("refund", owed, before))
        return order

    def _do_modify_pending_order_items(
        self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
    ) -> Record:
        order = self._order(order_id, "pending")
        swaps = self._swaps(order, item_ids, new_item_ids)
        difference = sum(cents(new["price"]) - cents(old["price"]) for old, new in swaps)
        self._debit(order, payment_method_id, difference)
        for old, new in swaps:
            old.update(item_id=new["item_id"], price=new["price"], options=new["options"])
        kind = "payment" if difference > 0 else "refund"
        order["payment_history"].append(_moved(kind, abs(difference), payment_method_id))
        order["status"] = "pending (item modified)"
        return order

    def _do_exchange_delivered_order_items(
        self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
    ) -> Record:
        order = self._order(order_id, "delivered")
        swaps = self._swaps(order, item_ids, new_item_ids)
        difference = sum(cents(new["price"]) - cents(old["price"]) for old, new in swaps)
        self._can_pay(order, payment_method_id, difference)
        order.update(
            status="exchange requested",
            exchange_items=sorted(item_ids),
            exchange_new_items=sorted(new_item_ids),
            exchange_payment_method_id=payment_method_id,
            exchange_price_difference=dollars(difference),
        )
        return order

    def _do_return_delivered_order_items(self, order_id: str, item_ids: list[str], payment_method_id: str) -> Record:
        order = self._order(order_id, "delivered")
        method = self._method(order, payment_method_id)
        if method["source"] != "gift_card" and payment_method_id != order["payment_history"][0]["payment_method_id"]:
            raise Unable(422, "The money goes back to where it came from, or to a gift card.")
        _picked(order, item_ids)
        order.update(
            status="return requested", return_items=sorted(item_ids), return_payment_method_id=payment_method_id
        )
        return order

    # ------------------------------------------------------------------ what they share

    def _order(self, order_id: str, *statuses: str) -> Record:
        order = _known(self.orders, order_id, "order")
        if order["status"] not in statuses:
            raise Unable(422, f"That cannot be done with an order that is {order['status']}.")
        return order

    def _swaps(self, order: Record, item_ids: list[str], new_item_ids: list[str]) -> list[tuple[Record, Record]]:
        """Each item of the order with what takes its place: in stock, and another variant of the same product."""
        if len(item_ids) != len(new_item_ids):
            raise Unable(422, "Each item needs one that takes its place.")
        swaps = []
        for old, new_id in zip(_picked(order, item_ids), new_item_ids, strict=True):
            new = self.products[old["product_id"]]["variants"].get(new_id)
            if new is None or not new["available"]:
                raise Unable(422, f"There is no item {new_id} of this product in stock.")
            swaps.append((old, new))
        return swaps

    def _method(self, order: Record, id: str) -> Record:
        method: Record | None = self.users[order["user_id"]]["payment_methods"].get(id)
        if method is None:
            raise Unable(422, "The customer has no such payment method.")
        return method

    def _can_pay(self, order: Record, id: str, minor: int) -> Record:
        method = self._method(order, id)
        if method["source"] == "gift_card" and cents(method["balance"]) < minor:
            raise Unable(422, "There is not enough on the gift card.")
        return method

    def _debit(self, order: Record, id: str, minor: int) -> None:
        method = self._can_pay(order, id, minor)
        if method["source"] == "gift_card":
            method["balance"] = dollars(cents(method["balance"]) - minor)

    def _credit(self, order: Record, id: str, minor: int) -> None:
        self._debit(order, id, -minor)


def _known(records: dict[str, Record], id: str, what: str) -> Record:
    if id not in records:
        raise Unable(404, f"There is no such {what}.")
    return records[id]


def _one(found: Iterable[str]) -> Record:
    for id in found:
        return {"user_id": id}
    raise Unable(404, "There is no such user.")


def _name_zip(user: Record) -> tuple[str, str, str]:
    name = user["name"]
    return name["first_name"].lower(), name["last_name"].lower(), user["address"]["zip"]


def _address(given: dict[str, str]) -> dict[str, str]:
    parts = {"address1", "address2", "city", "state", "country", "zip"}
    if set(given) != parts:
        raise Unable(422, "An address has six parts.")
    return dict(given)


def _picked(order: Record, item_ids: list[str]) -> list[Record]:
    """The order's items with these ids, each once."""
    if not item_ids or Counter(item_ids) - Counter(item["item_id"] for item in order["items"]):
        raise Unable(422, "Not all of these items are in the order.")
    left = list(order["items"])
    picked = []
    for id in item_ids:
        at = next(n for n, item in enumerate(left) if item["item_id"] == id)
        picked.append(left.pop(at))
    return picked


def _moved(kind: str, minor: int, method: str) -> Record:
    return {"transaction_type": kind, "amount": dollars(minor), "payment_method_id": method}


def _sum(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Decimal(repr(value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_sum(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SUMS:
            return SUMS[type(op)](_sum(left), _sum(right))
    raise ValueError
