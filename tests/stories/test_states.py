"""What every page looks like when things are not as they should be, and that anybody can use it: in light, dark and narrow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tandem.learning import noticing
from tests.stories import axe
from tests.stories.people import Customer, Member, People

QUESTION = "How long do I have to return something?"
PNG = b"\x89PNG"
WIDE: ViewportSize = {"width": 1200, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture
def shown(tmp_path: Path) -> Callable[[Page, str], None]:
    """Looks at a state in light, dark and narrow: it is a picture, it fits, and axe has nothing against it."""

    def look(page: Page, name: str) -> None:
        picture = page.screenshot(path=tmp_path / f"{name}.png")
        assert picture.startswith(PNG)
        assert len(picture) > 4_000, f"{name} is an empty picture"
        assert axe.violations(page) == [], f"{name}, light"
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert axe.violations(page) == [], f"{name}, dark"
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert axe.violations(page) == [], f"{name}, narrow"
        page.set_viewport_size(WIDE)

    return look


def test_every_page_of_the_chat_is_accessible(people: People, shown: Callable[[Page, str], None]) -> None:
    cy = people.customer()
    shown(cy.page, "shop")
    cy.open()
    shown(cy.page, "chat-new")
    answer = cy.ask("How long do I have to return something?")
    shown(cy.page, "chat-answer")
    answer.get_by_role("button", name="Source 1").first.click()
    expect(cy.page.locator("dialog.source mark")).to_be_visible()
    shown(cy.page, "chat-source")
    cy.page.keyboard.press("Escape")
    cy.wants_a_person_and_is_heard()
    shown(cy.page, "chat-waiting")
    cy.page.get_by_role("button", name="Your conversations").click()
    expect(cy.page.get_by_role("button", name="Start a new conversation")).to_be_visible()
    shown(cy.page, "chat-list")
    full = people.chatter(people.site.cast.acme)
    expect(full.replies.first).to_be_visible()
    shown(full.page, "chat-page")


def test_every_page_of_the_staff_app_is_accessible(people: People, shown: Callable[[Page, str], None]) -> None:
    site, cast = people.site, people.site.cast
    said = site.chat(site.newcomer(), "How long do I have to return something?")
    site.chat(site.newcomer(sub="cy-2", name="Cy"), "I want to talk to a person, my tent is torn")
    page = people.window()
    page.goto("/app/login")
    expect(page.get_by_role("heading", name="Sign in to Tandem")).to_be_visible()
    shown(page, "login")
    _every_staff_page(Member(page, cast.ann).sign_in(), said.ticket_id, shown)


def _every_staff_page(ann: Member, ticket_id: str, shown: Callable[[Page, str], None]) -> None:
    page = ann.page
    for view in ("waiting", "mine", "open"):  # all five are one component
        ann.sees(view)
        expect(page.get_by_role("region", name="Tickets")).to_be_visible()
        shown(page, f"inbox-{view}")
    page.goto(f"/app/inbox/{ticket_id}?view=open")
    expect(ann.thread.get_by_text("60 days").first).to_be_visible()
    shown(page, "ticket")
    ann.thread.get_by_role("button", name="Why this answer").first.click()
    expect(page.get_by_text("What was understood")).to_be_visible()
    shown(page, "why")
    page.goto("/app/knowledge")
    row = page.get_by_role("link", name="How long you have to return something")
    expect(row).to_be_visible()
    shown(page, "knowledge")
    row.click()
    expect(page.get_by_text("within 60 days of delivery").first).to_be_visible()
    shown(page, "article")
    page.goto("/app/knowledge/new")
    expect(page.get_by_role("heading", name="New article")).to_be_visible()
    shown(page, "article-new")
    page.goto("/app/nowhere")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    shown(page, "not-found")


def test_every_page_of_the_knowledge_is_accessible(people: People, shown: Callable[[Page, str], None]) -> None:
    site, ann = people.site, people.member(people.site.cast.ann)
    site.chat(site.newcomer(), QUESTION)
    site.chat(site.newcomer(), "Can I rent snowshoes?")
    site.run(noticing.read_turns(site.parts.db, site.parts.models.shipped, site.cast.acme.id, horizon_s=-5.0))
    article = site.get(site.cast.ann, "/v1/kb/documents?q=How+long+you+have").json()["items"][0]["id"]
    release = site.post(site.cast.ann, "/v1/kb/releases", {"title": "Spring"}).json()["id"]
    changed = {"title": "Returns", "body": "Talk to us.", "release_id": release}
    assert site.call(site.cast.ann, "PUT", f"/v1/kb/documents/{article}", changed).status_code == 202
    recalled = {"document_id": article, "reason": "It was never so."}
    recall = site.post(site.cast.ann, "/v1/kb/recalls", recalled).json()["id"]
    gap = site.get(site.cast.ann, "/v1/kb/gaps").json()["items"][0]["id"]
    folder = {"kind": "folder", "name": "Notes", "settings": {"path": "/srv/notes"}}
    source = site.post(site.cast.ann, "/v1/kb/sources", folder).json()["id"]
    addresses = {
        "history": f"{article}?tab=history",
        "answers": f"{article}?tab=answers",
        "source-settings": f"sources/{source}?tab=settings",
        "release": f"releases/{release}",
        "gap": f"gaps/{gap}",
        "recall": f"recalls/{recall}",
        "test": f"test?q={QUESTION}",
    }
    for name, address in addresses.items():
        ann.page.goto(f"/app/knowledge/{address}")
        expect(ann.page.get_by_role("heading", level=1)).to_be_visible()
        expect(ann.page.get_by_text("Loading", exact=True)).to_have_count(0)
        shown(ann.page, name)


def test_every_page_of_actions_workflows_and_models_is_accessible(
    people: People, shown: Callable[[Page, str], None]
) -> None:
    ann = people.member(people.site.cast.ann)
    for address in (
        "actions",
        "actions/new",
        "actions/import",
        "actions/audit",
        "approvals",
        "workflows",
        "workflows/new",
        "models",
        "rules",
    ):
        ann.page.goto(f"/app/{address}")
        expect(ann.page.get_by_role("heading", level=1)).to_be_visible()
        expect(ann.page.get_by_text("Loading", exact=True)).to_have_count(0)
        shown(ann.page, address.replace("/", "-"))


def test_the_inbox_says_what_is_the_matter(people: People, shown: Callable[[Page, str], None]) -> None:
    bo = people.member(people.site.cast.bo)
    expect(bo.page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()
    shown(bo.page, "empty")

    tickets = "**/v1/tickets?*"
    bo.page.route(tickets, lambda route: None)
    bo.sees("mine")
    expect(bo.page.get_by_text("Loading").first).to_be_attached()
    shown(bo.page, "loading")
    bo.page.unroute_all()

    problem = (
        '{"status":500,"code":"internal","title":"Broken","detail":"The list could not be read.","request_id":"req_1"}'
    )
    bo.page.route(
        tickets, lambda route: route.fulfill(status=500, content_type="application/problem+json", body=problem)
    )
    bo.sees("resolved")
    alert = bo.page.get_by_role("alert").filter(has_text="The list could not be read.")
    expect(alert).to_be_visible()
    shown(bo.page, "error")
    bo.page.unroute_all()
    alert.get_by_role("button", name="Try again").click()
    expect(bo.page.get_by_role("heading", name="Nothing resolved yet")).to_be_visible()

    bo.page.context.set_offline(True)
    expect(bo.page.get_by_text("You are offline.")).to_be_visible()
    shown(bo.page, "offline")
    bo.page.context.set_offline(False)
    bo.is_told("Connected again.")

    bo.page.goto("/app/knowledge/new")
    expect(bo.page.get_by_role("heading", name="Not for your role")).to_be_visible()
    shown(bo.page, "no-permission")


def test_the_chat_says_what_is_the_matter(people: People, shown: Callable[[Page, str], None]) -> None:
    cy = people.customer().open()
    cy.ask("Do you have gift cards?")
    cy.page.context.set_offline(True)
    cy.say("And how long are they valid?")
    expect(cy.panel.get_by_text("No connection.")).to_be_visible()
    shown(cy.page, "chat-offline")
    cy.page.context.set_offline(False)
    expect(cy.answers).to_have_count(2)

    refusal = '{"status":403,"code":"forbidden","title":"No","detail":"This chat is closed today."}'
    cy.page.route(
        "**/v1/chat", lambda route: route.fulfill(status=403, content_type="application/problem+json", body=refusal)
    )
    cy.say("Hello?")
    expect(cy.log.get_by_text("This chat is closed today.")).to_be_visible()
    expect(cy.log.get_by_role("button", name="Try again")).to_be_visible()
    shown(cy.page, "chat-refused")
    _a_person_is_one_click_away(cy)


def _a_person_is_one_click_away(cy: Customer) -> None:
    cy.page.unroute_all()
    cy.wants_a_person_and_is_heard()


def test_the_chat_without_a_server_keeps_the_way_to_a_person(
    people: People, shown: Callable[[Page, str], None]
) -> None:
    cy = people.customer()
    cy.page.route("**/v1/**", lambda route: route.abort())
    cy.page.get_by_role("button", name="Open chat").click()
    expect(cy.panel.get_by_text("No connection.")).to_be_visible()
    expect(cy.page.get_by_role("button", name="Talk to a person")).to_be_visible()
    expect(cy.log.get_by_text("You are chatting with an AI assistant.")).to_be_visible()
    shown(cy.page, "chat-no-server")
