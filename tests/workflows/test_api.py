"""Workflows over HTTP, and a rehearsal against the demo's own shop."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml

from tests.cast import Cast, Client
from tests.demo import shopping
from tests.demo.shopping import Shop
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Caller, Site
from tests.web.sites import FOLDER
from tests.workflows.shop import SHIPPED

BUILT_IN = "demo_shop"
"""How the shipped actions call the shop; here it is the same shop, on an address of this test's own."""

SOURCE = (SHIPPED / "order_status.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def site(ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site that may reach loopback."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=False, outgoing_allow="127.0.0.1") as running,
    ):
        yield running


@pytest.fixture(scope="module")
def shop(site: Site, cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The demo's shop, with its actions in acme's registry."""
    with shopping.opened(tmp_path_factory.mktemp("shop") / "shop.db") as shop:
        left = sorted((SHIPPED.parent / "actions").glob("*.yaml"), key=lambda path: path.stem != "get_order")
        for path in left:
            body = yaml.safe_load(path.read_text("utf-8").replace(f"{BUILT_IN}/", f"{shop.url}/"))
            body["handler"]["kind"] = "http"
            assert site.call(cast.ann, "PUT", f"/v1/actions/{path.stem}", body).status_code == 200
            secret = {"secret": shopping.SECRET}
            assert site.post(cast.ann, f"/v1/actions/{path.stem}/secret", secret).status_code == 201
        yield shop


@pytest.fixture(scope="module")
def cy(site: Site) -> Client:
    """Cy, as the shop knows them."""
    return site.newcomer(sub="cy", name="Cy")


def put(site: Site, who: Caller, source: str = SOURCE, name: str = "order_status", **more: Any) -> httpx.Response:
    return site.call(who, "PUT", f"/v1/workflows/{name}", {"source": source, **more})


def tried(site: Site, who: Caller, *messages: str, **more: Any) -> list[dict[str, Any]]:
    answer = site.post(who, "/v1/workflows/try", {"messages": list(messages), **more})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_it_is_written_read_changed_taken_out_and_restored(site: Site, cast: Cast) -> None:
    made = put(site, cast.ann, expected_version=0).json()
    assert (made["name"], made["version"], made["author"], made["source"]) == ("order_status", 1, "Ann", SOURCE)
    assert "step 2: there is no action named 'get_order'." in made["warnings"]
    assert made["definition"]["intents"] == ["order_status"]
    assert put(site, cast.ann).json()["version"] == 1, "the same again"
    changed = SOURCE.replace("title: Order status", "title: Where it is")
    assert put(site, cast.ann, changed, expected_version=0).status_code == 409
    assert put(site, cast.ann, changed, expected_version=1).json()["version"] == 2
    (listed,) = site.get(cast.vi, "/v1/workflows").json()["items"]
    assert (listed["title"], listed["version"], "source" in listed) == ("Where it is", 2, False)
    assert site.get(cast.vi, "/v1/workflows/order_status").json()["source"] == changed

    assert site.call(cast.ann, "DELETE", "/v1/workflows/order_status").status_code == 204
    assert site.get(cast.vi, "/v1/workflows/order_status").status_code == 404
    assert site.post(cast.ann, "/v1/workflows/order_status/restore", {"version": 1}).json()["version"] == 4
    versions = site.get(cast.vi, "/v1/workflows/order_status/versions").json()["items"]
    assert [(each["version"], each["removed"], each["author"]) for each in versions] == [
        (4, False, "Ann"), (3, True, "Ann"), (2, False, "Ann"), (1, False, "Ann"),
    ]  # fmt: skip
    assert versions[2]["source"] == changed
    assert site.post(cast.ann, "/v1/workflows/order_status/restore", {"version": 99}).status_code == 404
    assert site.get(cast.ruth, "/v1/workflows/order_status").status_code == 404, "another company's"
    assert site.get(cast.ruth, "/v1/workflows").json() == {"items": []}


def test_only_admins_change_and_staff_read(site: Site, cast: Cast) -> None:
    assert put(site, cast.bo).status_code == 403
    assert put(site, cast.cy).status_code == 403
    assert site.get(cast.vi, "/v1/workflows").status_code == 200
    assert site.get(cast.cy, "/v1/workflows").status_code == 403
    assert site.post(cast.bo, "/v1/workflows/try", {"source": SOURCE, "messages": ["hi"]}).status_code == 403


def test_mistakes_come_back_by_line(site: Site, cast: Cast) -> None:
    broken = SOURCE.replace("- ask: order_id", "- ask: order_no")
    refused = put(site, cast.ann, broken)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"line": 2, "field": "source", "message": "step 1: there is no slot named 'order_no'"}
    ]
    checked = site.post(cast.vi, "/v1/workflows/check", {"source": broken}).json()
    assert checked == {"name": None, "errors": refused.json()["errors"], "warnings": []}
    assert site.post(cast.vi, "/v1/workflows/check", {"source": SOURCE}).json()["errors"] == []
    other = put(site, cast.ann, name="another")
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "name")
    for body in ({"messages": ["hi"]}, {"messages": ["hi"], "name": "a", "source": SOURCE}):
        assert site.post(cast.ann, "/v1/workflows/try", body).json()["errors"][0]["field"] == "source"
    nobody = {"messages": ["hi"], "source": SOURCE, "customer_id": "cus_0" + "1" * 25}
    assert site.post(cast.ann, "/v1/workflows/try", nobody).status_code == 404
    assert site.post(cast.ann, "/v1/workflows/try", {"messages": ["hi"], "name": "no_such"}).status_code == 404


def test_a_rehearsal_looks_up_for_real(site: Site, cast: Cast, shop: Shop, cy: Client) -> None:
    who = {"source": SOURCE, "customer_id": str(cy.id)}
    (found,) = tried(site, cast.ann, "where is my order 1042?", **who)
    assert found["begins"]
    assert found["sentences"][0].startswith(
        "Your order 1042 (Squall jacket, size M) is on its way with Parcelwind, tracking"
    )
    assert found["calls"] == [{"action": "get_order", "kind": "look_up", "outcome": "found", "rule": None}]
    (first, second) = tried(site, cast.ann, "where is it?", "1044: Wool blanket", **who)
    assert first["question"]["choices"][0] == "1045: Lantern Ember"
    assert second["sentences"] == [
        "Your order 1044 (Wool blanket) is being packed in our warehouse and goes to the carrier next."
    ]


def test_somebody_else_s_order_is_not_found_whoever_asks(site: Site, cast: Cast, shop: Shop, cy: Client) -> None:
    (found,) = tried(site, cast.ann, "where is order 1043?", source=SOURCE, customer_id=str(cy.id))
    assert found["sentences"] == ["I cannot find order 1043 in your account."]
    assert found["calls"][0] == {"action": "get_order", "kind": "look_up", "outcome": "refused", "rule": "owner"}
    lines = site.get(cast.ann, "/v1/actions/audit").json()["items"]
    assert any(line["rule"] == "owner" and line["actor"].startswith("Ann, rehearsing for customer") for line in lines)
    (found,) = tried(site, cast.ann, "where is order 1042?", source=SOURCE)
    assert (found["needs"], found["calls"]) == ("sign_in", []), "nobody known has no orders"


def test_a_rehearsal_proposes_nothing(site: Site, cast: Cast, shop: Shop, cy: Client) -> None:
    refund = (SHIPPED / "refund.yaml").read_text("utf-8")
    (found,) = tried(site, cast.ann, "refund order 1039, it is broken", source=refund, customer_id=str(cy.id))
    assert found["proposal"]["action"] == "refund_order"
    assert found["proposal"]["arguments"] == {"order_id": "1039", "reason": "damaged"}
    assert (shop.refunds("1039"), found["state"]) == ([], None)
    assert site.get(cast.ann, "/v1/actions/runs").json()["items"] == []


def test_an_address_takes_a_code_in_a_rehearsal_too(site: Site, cast: Cast, shop: Shop, cy: Client) -> None:
    source = (SHIPPED / "change_address.yaml").read_text("utf-8")
    said = ("please change the address of order 1045", "Keizersgracht 5", "1015 CN", "Amsterdam", "Netherlands")
    heard = tried(site, cast.ann, *said, source=source, customer_id=str(cy.id))
    assert {each["needs"] for each in heard} == {"step_up"}
    heard = tried(site, cast.ann, *said, source=source, customer_id=str(cy.id), identity="stepped_up")
    assert heard[-1]["proposal"]["summary"] == "Send order 1045 to Keizersgracht 5, 1015 CN Amsterdam, NL"


def test_a_shop_that_is_down_has_no_status(site: Site, cast: Cast, shop: Shop, cy: Client) -> None:
    action = yaml.safe_load((SHIPPED.parent / "actions" / "get_order.yaml").read_text("utf-8"))
    action |= {"name": "get_parcel", "retries": 0, "handler": {"kind": "http", "url": "http://127.0.0.1:9/get_parcel"}}
    source = SOURCE.replace("look_up: get_order", "look_up: get_parcel")
    for owner in ([{"argument": "order_id", "look_up": "get_parcel", "path": "customer_id"}], []):
        made = site.call(cast.ann, "PUT", "/v1/actions/get_parcel", action | {"owner": owner})
        assert made.status_code == 200, made.text
        (found,) = tried(site, cast.ann, "where is my order 1042?", source=source, customer_id=str(cy.id))
        assert found["calls"][0]["rule"] == "no_answer"
        assert found["hand_over"] == "get_parcel got no answer from the system behind it."
        assert len(found["sentences"]) == 1
