"""The demo's actions as Tandem's registry reads them, and the shop as they describe it."""

from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tandem.actions import definition
from tandem.demo.shop import books, goods, lookups, rules
from tandem.demo.shop.changes import CHANGES, LOOK_UPS
from tandem.demo.shop.given import EU
from tandem.demo.shop.rules import Plan, Reason, Refused

FILES = sorted(
    (entry for entry in resources.files("tandem.demo").joinpath("actions").iterdir() if entry.name.endswith(".yaml")),
    key=lambda entry: entry.name,
)
BODIES: dict[str, dict[str, Any]] = {entry.name: yaml.safe_load(entry.read_text("utf-8")) for entry in FILES}


@pytest.mark.parametrize("file", BODIES)
def test_the_registry_takes_it_and_the_shop_has_its_doors(file: str) -> None:
    action = definition.read(BODIES[file])
    assert f"{action.name}.yaml" == file
    assert action.enabled
    assert action.handler is not None
    doors = CHANGES if action.kind == "change" else LOOK_UPS
    assert action.handler.url == f"demo_shop/{action.name}"
    assert action.name in doors
    assert action.handler.quote_url in (None, f"demo_shop/{action.name}/quote")
    assert (action.handler.quote_url is not None) == (f"{action.name}/quote" in LOOK_UPS)
    assert (action.handler.undo_url is not None) == (f"{action.name}/undo" in CHANGES)
    if action.kind == "change":
        assert action.handler.status_url == "demo_shop/status"
        assert action.confirm.required
        assert action.identity != "anyone"


def test_every_door_of_the_shop_has_an_action() -> None:
    assert {f"{name}.yaml" for name in (*LOOK_UPS, *CHANGES) if "/" not in name} == set(BODIES)


@pytest.mark.parametrize(
    "file", [name for name, body in BODIES.items() if "order_id" in body["input_schema"]["properties"]]
)
def test_an_order_is_asked_for_whose_it_is(file: str) -> None:
    (owner,) = definition.read(BODIES[file]).owner
    assert (owner.argument, owner.look_up, owner.path) == ("order_id", "get_order", "customer_id")


def test_the_closed_sets_are_the_shops_own() -> None:
    properties = {file: body["input_schema"]["properties"] for file, body in BODIES.items()}
    assert properties["refund_order.yaml"]["reason"]["enum"] == list(Reason)
    assert properties["change_plan.yaml"]["plan"]["enum"] == list(Plan)
    assert set(properties["change_address.yaml"]["address"]["properties"]["country"]["enum"]) == EU


@pytest.mark.parametrize(
    ("file", "arguments", "fits"),
    [
        ("get_order.yaml", {"order_id": "1042"}, True),
        ("get_order.yaml", {"order_id": "AO00001042"}, True),
        ("get_order.yaml", {"order_id": "10421"}, False),
        ("get_order.yaml", {"order_id": 1042}, False),
        ("list_orders.yaml", {"customer_id": "eva"}, False),
        ("refund_order.yaml", {"order_id": "1039", "reason": "faulty", "amount_minor": 50001}, False),
        ("refund_order.yaml", {"order_id": "1039", "reason": "faulty", "amount_minor": 50000}, True),
        ("send_password_reset.yaml", {"email": "x@evil.example"}, False),
    ],
)
def test_the_schemas_are_strict(file: str, arguments: dict[str, Any], fits: bool) -> None:
    schema = definition.read(BODIES[file]).input_schema
    assert jsonschema.Draft202012Validator(schema).is_valid(arguments) == fits


@pytest.mark.parametrize("days", range(0, 366, 11))
def test_the_orders_of_cy_are_what_they_are_for_on_any_day_of_filling(tmp_path: Path, days: int) -> None:
    moment = datetime(2027, 1, 1, 9, 30, tzinfo=UTC) + timedelta(days=days)
    limits = definition.read(BODIES["refund_order.yaml"]).limits
    books.prepare(tmp_path / "shop.sqlite3")
    with books.writing(tmp_path / "shop.sqlite3") as own:
        assert goods.fill(own, moment)
        assert not goods.fill(own, moment)

        def back(order_id: str) -> int:
            _, bought = lookups.find(own, order_id)
            return rules.refund(bought, Reason.CHANGED_MIND, None, moment.date()).amount_minor

        assert back("1039") == 3900 <= (limits.approve_above_minor or 0) < back("1037") == 28900
        assert back("1037") <= (limits.second_approver_above_minor or 0) < back("1033") == 45300
        assert back("1033") <= (limits.per_action_minor or 0)
        for order_id in ("1012", "1028", "1042", "1044", "1045"):
            with pytest.raises(Refused):
                back(order_id)
        sent, _ = lookups.find(own, "1042")
        assert sent["sent_on"] < moment.date().isoformat() < sent["expected_on"]
        assert rules.cancel(lookups.find(own, "1045")[1])["amount_minor"] == 5400
        for row in own.all("select * from shipments where delivered_on is not null"):
            assert row["sent_on"] < row["delivered_on"] <= moment.date().isoformat()
