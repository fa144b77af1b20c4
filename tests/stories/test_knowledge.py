"""An admin writes, changes and removes an article; what customers are told follows."""

import re

from playwright.sync_api import FilePayload, expect

from tests.stories.people import Member, People

QUESTION = "Can you sharpen my ice axe?"
FIRST = "We sharpen ice axes in every store for €9, and it takes 20 minutes."
SECOND = "We sharpen ice axes in every store for €12, and it takes 25 minutes."


def test_an_article_answers_changes_and_is_gone(people: People) -> None:
    ann = people.member(people.site.cast.ann)
    _write(ann, "Sharpening ice axes", FIRST)
    _is_ready(ann)
    dee = people.customer().open()
    expect(dee.ask(QUESTION)).to_contain_text("€9")

    ann.page.get_by_role("button", name="Edit", exact=True).click()
    ann.page.get_by_role("textbox", name="Body").fill(SECOND)
    ann.page.get_by_role("button", name="Publish now").click()
    expect(ann.page.get_by_text("Version 2").first).to_be_visible()
    _is_ready(ann)
    renewed = dee.ask(QUESTION)
    expect(renewed).to_contain_text("€12")
    expect(renewed).not_to_contain_text("€9")
    ann.page.get_by_role("button", name="History").click()
    expect(ann.page.get_by_text(FIRST).first).to_be_visible()

    ann.page.get_by_role("button", name="Delete", exact=True).click()
    ann.page.get_by_role("button", name="Delete article").click()
    expect(ann.page.get_by_role("heading", name="Knowledge")).to_be_focused()
    gone = dee.ask(QUESTION)
    expect(gone).not_to_contain_text("€12")
    expect(gone).not_to_contain_text("€9")


def test_a_broken_file_is_refused_with_its_reason(people: People) -> None:
    ann = people.member(people.site.cast.ann)
    ann.page.goto("/app/knowledge")
    broken = FilePayload(name="torn-leaflet.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n" + bytes(2000))
    with ann.page.expect_file_chooser() as chooser:
        ann.page.get_by_role("button", name="Upload files").click()
    chooser.value.set_files([broken])
    row = ann.page.get_by_role("row").filter(has_text="torn-leaflet")
    expect(row).to_contain_text("Error")
    expect(row).to_contain_text(re.compile("cannot be read|damaged"))


def test_a_viewer_reads_and_changes_nothing(people: People) -> None:
    vi = people.member(people.site.cast.vi)
    vi.page.goto("/app/knowledge")
    expect(vi.page.get_by_text("You can read and test the knowledge. Only admins change it.")).to_be_visible()
    vi.page.get_by_role("link", name="How long you have to return something").click()
    expect(vi.page.get_by_text("within 60 days of delivery").first).to_be_visible()
    for control in ("Edit", "Delete", "Upload files", "New article", "Upload new version"):
        expect(vi.page.get_by_role("button", name=control, exact=True)).to_have_count(0)
    people.customer().open().say("I want to talk to a person about my hood")
    vi.page.goto("/app/inbox")
    vi.open("my hood")
    expect(vi.page.get_by_text("You can read this ticket, not answer")).to_be_visible()
    for control in ("Claim", "Hand back", "Resolve", "Send"):
        expect(vi.page.get_by_role("button", name=control)).to_have_count(0)


def _write(ann: Member, title: str, body: str) -> None:
    ann.page.goto("/app/knowledge")
    ann.page.get_by_role("button", name="New article").click()
    ann.page.get_by_role("textbox", name="Title").fill(title)
    ann.page.get_by_role("textbox", name="Body").fill(body)
    ann.page.get_by_role("button", name="Publish now").click()


def _is_ready(ann: Member) -> None:
    expect(ann.page.locator("main").get_by_text("Ready", exact=True)).to_be_visible()
