"""Ann sets up what the assistant may do, Bo and Ann approve it, and everybody sees what became of it."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.actions import backend as backends
from tests.actions.backend import Backend
from tests.actions.documents import SHOP
from tests.actions.shop import Shop, definitions, open_shop
from tests.stories.conftest import watched
from tests.stories.looking import look
from tests.stories.people import Member, People
from tests.stories.stage import Stage
from tests.web.site import Site, until

REASONS = {"order_id": "1043", "reason": "damaged"}


@pytest.fixture
def backend() -> Iterator[Backend]:
    """The company's own service."""
    with backends.serving() as serving:
        yield serving


@pytest.fixture
def acting_site(stage: Stage) -> Iterator[Site]:
    """A site without a model that may reach the service."""
    with stage.site(outgoing_allow="127.0.0.1") as running:
        yield running


@pytest.fixture
def acting(browser: Browser, acting_site: Site) -> Iterator[People]:
    """The people at that site."""
    yield from watched(browser, acting_site)


@pytest.fixture
def shop(acting_site: Site, backend: Backend) -> Shop:
    """Its actions, and a customer of its own."""
    return open_shop(acting_site, backend)


def main_of(member: Member) -> Locator:
    return member.page.get_by_role("main")


def go(member: Member, path: str, heading: str) -> Locator:
    """A page, by its address; its main part."""
    member.page.goto(f"/app/{path}")
    expect(member.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    return main_of(member)


def json_of(page: Page) -> Locator:
    return page.get_by_label("As JSON")


# ------------------------------------------------------------------ the registry


def test_ann_describes_an_action_by_fields_and_by_json(acting: People, backend: Backend) -> None:
    site, cast = acting.site, acting.site.cast
    ann = acting.member(cast.ann)
    page, main = ann.page, main_of(ann)
    page.get_by_role("link", name="Actions", exact=True).click()
    expect(main.get_by_role("heading", name="There are no actions yet")).to_be_visible()
    look(page, "actions-empty")

    main.get_by_role("button", name="New action").click()
    main.get_by_role("textbox", name="Name").fill("Get Order")
    main.get_by_role("textbox", name="Description").fill("Look up an order of the customer's.")
    main.get_by_role("textbox", name="Address").fill(f"{backend.url}/get_order")
    expect(json_of(page)).to_have_value(_having('"name": "get_order"'))
    expect(json_of(page)).to_have_value(_having("/get_order"))
    json_of(page).fill('{"name": "get_order", ')
    expect(main.get_by_text("This is not JSON yet")).to_be_visible()
    expect(main.get_by_role("textbox", name="Name")).to_have_value("get_order")
    json_of(page).fill(_text(definitions(backend.url)["get_order"] | {"name": "get_order", "owner": None, "x": 1}))
    main.get_by_role("button", name="Save as version 1").click()
    expect(main.get_by_role("alert")).to_contain_text("x")
    json_of(page).fill(_text(definitions(backend.url)["get_order"] | {"name": "get_order", "owner": None}))
    main.get_by_role("button", name="Add a rule").click()
    main.get_by_role("combobox", name="Look-up").select_option("")
    main.get_by_role("button", name="Save as version 1").click()
    ann.is_told("Saved. Version 1 is in force.")
    expect(page.get_by_role("heading", name="get_order", level=1)).to_be_visible()
    kept = site.get(cast.ann, "/v1/actions/get_order").json()
    assert kept["owner"] == [{"argument": "order_id", "look_up": None, "path": None, "as": None}]
    assert (kept["kind"], kept["timeout_s"], kept["retries"]) == ("look_up", 2.0, 0)


def test_the_server_names_the_field(acting: People, shop: Shop) -> None:
    ann = acting.member(acting.site.cast.ann)
    main = go(ann, "actions/registry/refund_order", "refund_order")
    main.get_by_role("textbox", name="Address", exact=True).fill("")
    main.get_by_role("textbox", name="Where the amount stands").fill("quote..x")
    main.get_by_role("button", name="Save as version 2").click()
    alert = main.get_by_role("alert").filter(has_text="This cannot be saved as it stands")
    expect(alert).to_contain_text("handler.url")
    expect(alert).to_contain_text("amount.from")
    expect(main.get_by_role("textbox", name="Address", exact=True)).to_have_attribute("aria-invalid", "true")
    look(ann.page, "action-faults")
    main.get_by_role("button", name="Discard").click()
    expect(main.get_by_role("button", name="Save as version 2")).to_have_count(0)


def test_ann_changes_limits_makes_a_secret_and_goes_back(acting: People, shop: Shop) -> None:
    site, cast = acting.site, acting.site.cast
    ann = acting.member(cast.ann)
    main = go(ann, "actions", "Actions")
    row = main.get_by_role("listitem").filter(has_text="refund_order")
    expect(row).to_contain_text("at most €500 at once, approval above €100, per customer 3 times in 24 hours")
    look(ann.page, "actions")
    expect(row.get_by_role("switch", name="refund_order is enabled")).to_be_checked()
    row.locator(".mantine-Switch-track").click()
    ann.is_told("refund_order is off: nobody can use it.")
    assert site.get(cast.ann, "/v1/actions/refund_order").json()["enabled"] is False

    row.get_by_role("link", name="refund_order").click()
    main.get_by_role("textbox", name="A person approves above").fill("40")
    main.get_by_role("textbox", name="Two people approve above").fill("200")
    main.get_by_role("textbox", name="Tier").fill("paid")
    main.get_by_role("button", name="Add a tier").click()
    tier = main.get_by_role("region", name="Limits of paid")
    tier.get_by_role("textbox", name="At most at once").press_sequentially("150.05")
    expect(tier.get_by_role("textbox", name="At most at once")).to_have_value("150.05 EUR")
    look(ann.page, "action")
    main.get_by_role("button", name="Save as version 3").click()
    ann.is_told("Saved. Version 3 is in force.")
    limits = site.get(cast.ann, "/v1/actions/refund_order").json()["limits"]
    assert (limits["approve_above_minor"], limits["second_approver_above_minor"]) == (4000, 20000)
    assert limits["by_tier"]["paid"]["per_action_minor"] == 15005
    assert limits["per_customer_day_sum_minor"] == 60000, "what was not touched stays"

    main.get_by_role("button", name="Signing secret").click()
    main.get_by_role("button", name="Make a new secret").click()
    dialog = ann.page.get_by_role("dialog")
    secret = dialog.get_by_role("textbox", name="Signing secret").input_value()
    assert secret.startswith("whsec_")
    look(ann.page, "action-secret")
    dialog.get_by_role("button", name="I have kept it").click()
    expect(main.get_by_text(f"ends in {secret[-4:]}")).to_be_visible()
    expect(ann.page.get_by_text(secret)).to_have_count(0)

    main.get_by_role("button", name="History").click()
    main.get_by_role("button", name="Version 1").click()
    look(ann.page, "action-history")
    main.get_by_role("button", name="Put in force again").click()
    dialog.get_by_role("button", name="Put in force again").click()
    ann.is_told("Saved. Version 4 is in force.")
    assert site.get(cast.ann, "/v1/actions/refund_order").json()["limits"]["approve_above_minor"] == 10000
    main.get_by_role("button", name="Definition").click()
    expect(main.get_by_role("textbox", name="A person approves above")).to_have_value("100 EUR")
    expect(main.get_by_role("region", name="Limits of paid")).to_have_count(0)


def test_a_change_over_somebody_else_s_is_not_saved(acting: People, shop: Shop) -> None:
    ann = acting.member(acting.site.cast.ann)
    main = go(ann, "actions/registry/refund_order", "refund_order")
    main.get_by_role("textbox", name="Description").fill("Mine.")
    shop.put("refund_order", description="Theirs.")
    main.get_by_role("button", name="Save as version 2").click()
    expect(main.get_by_text("Somebody else saved version 2 meanwhile.")).to_be_visible()
    expect(main.get_by_role("textbox", name="Description")).to_have_value("Mine.")
    main.get_by_role("button", name="Look at theirs").click()
    expect(main.get_by_role("textbox", name="Description")).to_have_value("Theirs.")


def test_what_other_limits_would_have_done(acting: People, shop: Shop) -> None:
    ticket = shop.open().ticket_id
    shop.do(ticket, "refund_order", REASONS | {"order_id": "1044"})
    ann = acting.member(acting.site.cast.ann)
    main = go(ann, "actions/registry/refund_order?tab=what-if", "refund_order")
    main.get_by_role("textbox", name="At most at once").fill("10")
    main.get_by_role("button", name="See what would have happened").click()
    expect(main.get_by_text("1 would have gone another way.")).to_be_visible()
    expect(main.get_by_role("cell", name="Refused: too much at once")).to_be_visible()
    look(ann.page, "what-if")


def test_actions_come_from_a_document_switched_off(acting: People, shop: Shop) -> None:
    site, cast = acting.site, acting.site.cast
    ann = acting.member(cast.ann)
    main = go(ann, "actions/import", "Import actions")
    main.get_by_role("textbox", name="The document, as YAML or JSON").fill("not: [a")
    main.get_by_role("button", name="See what is in it").click()
    expect(main.get_by_role("alert")).to_contain_text("neither JSON nor YAML")
    main.get_by_role("textbox", name="The document, as YAML or JSON").fill(SHOP)
    main.get_by_role("button", name="See what is in it").click()
    listed = main.get_by_role("region", name="Choose what to take")
    expect(listed.get_by_role("checkbox", name="change_address")).not_to_be_checked()
    expect(listed.get_by_role("listitem").filter(has_text="change_address")).to_contain_text(
        "There is one of this name"
    )
    look(ann.page, "import")
    listed.get_by_role("checkbox", name="list_orders").check()
    listed.get_by_role("button", name="Take 1 action, switched off").click()
    expect(main.get_by_text("1 action is in the registry, switched off.")).to_be_visible()
    assert site.get(cast.ann, "/v1/actions/list_orders").json()["enabled"] is False
    assert site.get(cast.ann, "/v1/actions/change_address").json()["enabled"] is True, "what was not chosen stays"


def test_a_refusal_is_named_by_its_rule(acting: People, shop: Shop) -> None:
    ticket = shop.open().ticket_id
    assert shop.ask(ticket, "refund_order", REASONS | {"order_id": "2001"}).status_code == 403
    ann = acting.member(acting.site.cast.ann)
    main = go(ann, "actions/audit", "Refusals")
    row = main.get_by_role("listitem").filter(has_text="refund_order").first
    expect(row).to_contain_text("It does not belong to the customer")
    expect(row).to_contain_text("Rule owner")
    look(ann.page, "refusals")


def test_who_is_no_admin_reads_and_changes_nothing(acting: People, shop: Shop) -> None:
    vi = acting.member(acting.site.cast.vi)
    main = go(vi, "actions", "Actions")
    expect(main.get_by_role("switch")).to_have_count(0)
    expect(vi.page.get_by_role("link", name="To approve")).to_have_count(0)
    expect(vi.page.get_by_role("link", name="Workflows")).to_have_count(0)
    main.get_by_role("link", name="refund_order").click()
    expect(main.get_by_role("textbox", name="Description")).to_be_disabled()
    expect(main.get_by_role("button", name="Signing secret")).to_have_count(0)
    expect(main.get_by_role("button", name="Remove this action")).to_have_count(0)
    look(vi.page, "action-read")
    for path in ("actions/new", "actions/import", "actions/audit", "approvals", "workflows", "workflows/new"):
        vi.page.goto(f"/app/{path}")
        expect(vi.page.get_by_role("heading", name="Not for your role")).to_be_visible()


# ------------------------------------------------------------------ approvals


def test_two_people_agree_and_it_is_done(acting: People, shop: Shop) -> None:
    cast, backend = acting.site.cast, shop.backend
    limits = definitions(backend.url)["refund_order"]["limits"] | {"second_approver_above_minor": 20000}
    shop.put("refund_order", limits=limits)
    bo = acting.member(cast.bo)
    main = go(bo, "approvals", "To approve")
    expect(main.get_by_role("heading", name="Nothing waits")).to_be_visible()
    look(bo.page, "approvals-empty")
    talk = shop.open()
    assert shop.do(talk.ticket_id, "refund_order", REASONS)["status"] == "pending_approval"
    card = main.get_by_role("list", name="To approve").get_by_role("listitem").filter(has_text="Refund")
    for text in ("250.00", "Cy", "Paid", "1043", "damaged", "0 of 2 people have agreed"):
        expect(card).to_contain_text(text)
    expect(bo.page.get_by_role("link", name="To approve 1")).to_be_visible()
    look(bo.page, "approvals")
    card.get_by_role("button", name="Approve").click()
    dialog = bo.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    expect(dialog).to_contain_text("One more person has to agree")
    dialog.get_by_role("textbox", name="Reason").fill("Seen the photo.")
    look(bo.page, "approve-dialog")
    dialog.get_by_role("button", name="Approve").click()
    expect(card).to_contain_text("1 of 2 people have agreed")
    expect(card).to_contain_text("You have agreed.")
    expect(card.get_by_role("button", name="Approve")).to_be_disabled()
    assert backend.did("/refund") == []

    ann = acting.member(cast.ann)
    theirs = go(ann, "approvals", "To approve")
    expect(theirs.get_by_text("Seen the photo.")).to_be_visible()
    theirs.get_by_role("button", name="Approve").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(theirs.get_by_role("heading", name="Nothing waits")).to_be_visible()
    expect(main.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert len(backend.did("/refund")) == 1
    recent = theirs.get_by_role("region", name="What was done lately")
    recent.get_by_text("Details").click()
    expect(recent.get_by_role("region", name="What happened")).to_contain_text("Seen the photo.")
    look(ann.page, "approvals-recent")
    recent.get_by_role("button", name="Undo").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(recent.get_by_text("Taken back").first).to_be_visible()
    assert len(backend.did("/refund/undo")) == 1

    _the_ticket_shows_it(bo, talk.ticket_id)


def _the_ticket_shows_it(bo: Member, ticket_id: str) -> None:
    bo.page.goto(f"/app/inbox/{ticket_id}?view=open")
    details = bo.page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("heading", name="Actions")).to_be_visible()
    expect(details.get_by_text("Taken back").first).to_be_visible()
    expect(bo.thread.get_by_text("250.00 EUR is on its way back to you, reference R-1.")).to_be_visible()
    expect(bo.thread.get_by_text("Taken back: Refund 250.00 EUR for order 1043.")).to_be_visible()
    expect(bo.thread.get_by_text("reference R-2")).to_have_count(0)
    look(bo.page, "ticket-actions")


def test_bo_rejects_with_a_reason_that_the_customer_reads(acting: People, shop: Shop) -> None:
    bo = acting.member(acting.site.cast.bo)
    main = go(bo, "approvals", "To approve")
    talk = shop.open()
    shop.do(talk.ticket_id, "refund_order", REASONS)
    main.get_by_role("button", name="Reject").click()
    dialog = bo.page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Reason").fill("<b>Please send a photo first.</b>")
    dialog.get_by_role("button", name="Reject").click()
    expect(main.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert shop.backend.did("/refund") == []
    expect(main.get_by_text("<b>Please send a photo first.</b>")).to_be_visible()
    bo.page.goto(f"/app/inbox/{talk.ticket_id}?view=open")
    expect(bo.thread.get_by_text("<b>Please send a photo first.</b>")).to_be_visible()


def test_what_nobody_knows_the_outcome_of_needs_a_person(acting: People, shop: Shop) -> None:
    handler = definitions(shop.backend.url)["refund_order"]["handler"] | {"idempotent": False}
    shop.put("refund_order", handler=handler)
    shop.backend.faults.append("cut_after")
    talk = shop.open()
    assert shop.do(talk.ticket_id, "refund_order", REASONS | {"order_id": "1044"})["status"] == "unknown"
    bo = acting.member(acting.site.cast.bo)
    unclear = go(bo, "approvals", "To approve").get_by_role("region", name="Outcome unknown")

    def is_a_person_s() -> bool:
        shop.site.run(shop.site.parts.acting.carrier.look_after())
        return bool(shop.runs(needs_person=True))

    until(is_a_person_s)
    expect(unclear.get_by_role("listitem").first).to_contain_text("Refund 15.00 EUR for order 1044")
    expect(unclear.get_by_role("button", name="Undo")).to_have_count(0)
    look(bo.page, "approvals-unclear")
    unclear.get_by_role("link", name="Open the conversation").click()
    expect(bo.thread.get_by_text("it will not be done twice")).to_be_visible()
    expect(bo.page.get_by_role("link", name="Decide on it")).to_be_visible()


def test_the_list_says_when_it_cannot_be_read(acting: People, shop: Shop) -> None:
    bo = acting.member(acting.site.cast.bo)
    problem = '{"status":500,"code":"internal","title":"Broken","detail":"The ledger could not be read."}'
    bo.page.route(
        "**/v1/actions**",
        lambda route: route.fulfill(status=500, content_type="application/problem+json", body=problem),
    )
    main = go(bo, "approvals", "To approve")
    expect(main.get_by_text("The ledger could not be read.").first).to_be_visible()
    bo.page.goto("/app/actions")
    expect(main.get_by_text("The ledger could not be read.")).to_be_visible()
    look(bo.page, "actions-error")


# ------------------------------------------------------------------ workflows


WORKFLOW = """name: order_state
title: Where is my order
intents: [order_status]
identity: verified
slots:
  order_id:
    ask: Which order is it about?
    pattern: '[0-9]{4}'
    from: [message, history]
steps:
  - ask: order_id
  - look_up: get_order
    with: {order_id: "{order_id}"}
    as: order
  - reply: "Your order {order.order_id} is {order.status}."
"""


def test_ann_writes_a_workflow_and_tries_it(acting: People, shop: Shop) -> None:
    site, cast = acting.site, acting.site.cast
    shop.open()
    ann = acting.member(cast.ann)
    page, main = ann.page, go(ann, "workflows", "Workflows")
    expect(main.get_by_role("heading", name="There are no workflows yet")).to_be_visible()
    main.get_by_role("button", name="New workflow").click()
    source = main.get_by_role("textbox", name="The workflow, as YAML")
    source.fill(WORKFLOW.replace("  - ask: order_id\n", "  - aks: order_id\n"))
    expect(main.get_by_role("button", name="Line 11").first).to_be_visible()
    expect(main.get_by_role("button", name="Save as version 1")).to_be_disabled()
    look(page, "workflow-faults")
    main.get_by_role("button", name="Line 11").first.click()
    expect(source).to_be_focused()
    source.fill(WORKFLOW.replace("get_order", "get_odor"))
    expect(main.get_by_text("there is no action named 'get_odor'")).to_be_visible()
    source.fill(WORKFLOW)
    expect(main.get_by_text("Nothing is wrong with it.")).to_be_visible()

    main.get_by_role("textbox", name="Messages of the customer").fill("where is my order?\n1042")
    main.get_by_role("combobox", name="The customer is").select_option(label="Cy")
    main.get_by_role("button", name="Try it").click()
    expect(main.get_by_text("Which order is it about?", exact=True)).to_be_visible()
    expect(main.get_by_text("Looked up get_order: found")).to_be_visible()
    expect(main.get_by_text("Your order 1042 is shipped.")).to_be_visible()
    look(page, "workflow")
    main.get_by_role("button", name="Save as version 1").click()
    ann.is_told("Saved. Version 1 is in force")
    expect(page.get_by_role("heading", name="Where is my order", level=1)).to_be_visible()
    source.fill(WORKFLOW.replace("Your order", "Order"))
    main.get_by_role("button", name="Save as version 2").click()
    ann.is_told("Saved. Version 2 is in force")
    main.get_by_role("button", name="History").click()
    look(page, "workflow-history")
    main.get_by_role("button", name="Version 1").click()
    main.get_by_role("button", name="Put in force again").click()
    page.get_by_role("dialog").get_by_role("button", name="Put in force again").click()
    ann.is_told("Version 3 is in force.")
    assert site.get(cast.ann, "/v1/workflows/order_state").json()["source"] == WORKFLOW
    go(ann, "workflows", "Workflows")
    expect(main.get_by_role("link", name="Where is my order")).to_be_visible()
    look(page, "workflows")


def test_why_an_answer_names_what_was_looked_up(acting: People, shop: Shop) -> None:
    site, cast = acting.site, acting.site.cast
    saved = site.call(cast.ann, "PUT", "/v1/workflows/order_state", {"source": WORKFLOW})
    assert saved.status_code == 200, saved.text
    talk = site.chat(shop.cy, "Where is my order 1042?")
    assert "Your order 1042 is shipped." in talk.done["response"]
    bo = acting.member(cast.bo)
    bo.page.goto(f"/app/inbox/{talk.ticket_id}?view=open")
    bo.thread.get_by_role("button", name="Why this answer").first.click()
    drawer = bo.page.get_by_role("dialog")
    expect(drawer.get_by_text("What was looked up and done")).to_be_visible()
    expect(drawer.get_by_text("Came about: By a workflow")).to_be_visible()
    drawer.get_by_text("What was looked up and done").scroll_into_view_if_needed()
    look(bo.page, "why-acts")


def _text(definition: dict[str, Any]) -> str:
    return orjson.dumps({name: value for name, value in definition.items() if value is not None}).decode()


def _having(text: str) -> Any:
    return re.compile(re.escape(text))
