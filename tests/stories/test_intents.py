"""Ann teaches the assistant what customers want: pastes examples, trains, sees what came of it, tries a message, goes back."""

import os
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from tests.intents import shop
from tests.stories import axe
from tests.stories.people import People

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1200, "height": 800}
TRAINED_MS = 150_000
"""Learning takes some seconds of an idle core, and others use both."""

PICTURES = os.environ.get("TANDEM_PICTURES")

LAMPS = (
    "does the lamp need a special bulb",
    "which bulb fits the reading lamp",
    "is the desk lamp dimmable",
    "what socket does the lamp take",
    "can the floor lamp be dimmed",
    "how bright is the reading lamp",
)


def look(page: Page, name: str) -> None:
    """In light, dark and narrow it fits, and axe has nothing against it."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert axe.violations(page) == [], f"{name}, dark"
    _picture(page, f"{name}-dark")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert axe.violations(page) == [], f"{name}, light"
    _picture(page, f"{name}-light")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    assert axe.violations(page) == [], f"{name}, narrow"
    _picture(page, f"{name}-narrow")
    page.set_viewport_size(WIDE)


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_ann_teaches_the_assistant(people: People) -> None:
    site, cast = people.site, people.site.cast
    listed = site.get(cast.acme, "/v1/intents").json()["items"]
    for intent in listed[:-1]:
        if intent["name"] not in ("return_request", "order_status", "invoice_request"):
            site.call(cast.acme, "DELETE", f"/v1/intents/{intent['name']}")
    rows = [{"text": text, "intent": "account_access"} for text in shop.SAID["sign_in"]]
    site.post(cast.acme, "/v1/intents/examples", {"examples": rows})
    ann = people.member(cast.ann)
    page, main = ann.page, ann.page.get_by_role("main")
    page.goto("/app/intents")
    expect(main.get_by_role("heading", name="Intents", exact=True)).to_be_visible()
    expect(main.get_by_text("There are changes that nothing was learned from yet.")).to_be_visible()

    main.get_by_role("button", name="New intent").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("lamp_question")
    dialog.get_by_label("Title").fill("Question about a lamp")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    main.get_by_role("button", name="Edit Question about a lamp").click()
    dialog.get_by_label("Add examples").fill("\n".join(LAMPS))
    dialog.get_by_role("button", name="Add these").click()
    expect(dialog.get_by_label("All examples, one a line")).to_have_value("\n".join(sorted(LAMPS)))
    look(page, "intent")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    main.get_by_role("button", name="Train now").click()
    expect(main.get_by_text("Promoted:")).to_be_visible(timeout=TRAINED_MS)
    expect(main.get_by_text("Version 1 answers")).to_be_visible()
    main.get_by_label("A message as a customer would write it").fill("does the new lamp need a bulb")
    main.get_by_role("button", name="Understand it").click()
    expect(main.get_by_text("Understood as Lamp question")).to_be_visible()
    look(page, "intents")

    main.get_by_role("button", name="Go back one version").click()
    dialog.get_by_role("button", name="Go back one version").click()
    expect(main.get_by_text("The intents that ship with Tandem answer", exact=False).first).to_be_visible()


def test_who_is_no_admin_is_told_so(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    bo.page.goto("/app/intents")
    expect(bo.page.get_by_role("heading", name="Not for your role")).to_be_visible()
    expect(bo.page.get_by_role("navigation").get_by_role("link", name="Intents")).to_have_count(0)
