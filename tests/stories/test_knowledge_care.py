"""Articles are kept right: two who change one, an old version brought back, files dropped, what is stale looked at."""

import psycopg
from playwright.sync_api import Page, expect

from tests.stories.people import Member, People

ARTICLE = "Gift cards"
MINE = "Gift cards are valid for 24 months, says Ann at her second desk."
THEIRS = "Gift cards are valid for 36 months, says Ann at her first desk."
DROP = """([name, text, other]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, { type: "text/csv" }));
  carried.items.add(new File(["MZ"], other));
  for (const kind of ["dragenter", "dragover", "drop"])
    dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
SHEET = "question,answer\nDo you lend bear canisters?,Yes: every store lends bear canisters for 7 days.\n"


def test_what_two_people_write_is_not_lost_and_what_was_is_restored(people: People) -> None:
    ann = people.member(people.site.cast.ann)
    ann.page.goto("/app/knowledge")
    ann.page.get_by_role("link", name=ARTICLE, exact=True).click()
    expect(ann.page.get_by_role("heading", name=ARTICLE)).to_be_visible()
    second = Member(people.tab(ann.page), ann.who)
    second.page.goto(ann.page.url + "?tab=edit")
    expect(second.page.get_by_role("textbox", name="Body")).to_be_visible()
    _save(ann.page, THEIRS)
    expect(ann.page.get_by_text("Version 2").first).to_be_visible()

    second.page.get_by_role("textbox", name="Body").fill(MINE)
    second.page.get_by_role("button", name="Publish now").click()
    conflict = second.page.get_by_role("alert").filter(has_text="Somebody has saved version 2")
    expect(conflict).to_contain_text("at her first desk")
    expect(second.page.get_by_role("textbox", name="Body")).to_have_value(MINE)
    conflict.get_by_role("button", name="Save mine on top of it").click()
    expect(second.page.get_by_text("Version 3").first).to_be_visible()

    second.page.get_by_role("button", name="History").click()
    versions = second.page.get_by_role("list", name="History")
    expect(versions.get_by_role("button", name="Version 3").filter(has_text="Answers now")).to_be_visible()
    versions.get_by_role("button", name="Version 2").click()
    second.page.get_by_role("button", name="Restore this version").click()
    expect(versions.get_by_role("button", name="Version 4").filter(has_text="Answers now")).to_be_visible()
    second.page.get_by_role("button", name="Article", exact=True).click()
    expect(second.page.get_by_text(THEIRS)).to_be_visible()


def test_files_are_dropped_and_what_is_stale_is_looked_at(people: People) -> None:
    ann = people.member(people.site.cast.ann)
    ann.page.goto("/app/knowledge")
    expect(ann.page.get_by_role("row").nth(1)).to_be_visible()
    ann.page.evaluate(DROP, ["lending.csv", SHEET, "setup.exe"])
    uploads = ann.page.get_by_role("region", name="Uploads")
    expect(uploads.get_by_role("listitem").filter(has_text="setup.exe")).to_contain_text("cannot be read")
    expect(uploads.get_by_role("listitem").filter(has_text="lending.csv")).to_contain_text("Received")
    expect(ann.page.get_by_role("row").filter(has_text="lending")).to_contain_text("Ready")

    _nobody_has_looked_for_a_year(people, ARTICLE)
    ann.page.goto("/app/knowledge?stale=true")
    row = ann.page.get_by_role("row").filter(has_text=ARTICLE)
    expect(row).to_contain_text("Stale")
    row.get_by_role("button", name=f"Mark reviewed: {ARTICLE}").click()
    expect(ann.page.get_by_role("heading", name="Nothing is stale")).to_be_visible()


def _save(page: Page, body: str) -> None:
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="Body").fill(body)
    page.get_by_role("button", name="Publish now").click()


def _nobody_has_looked_for_a_year(people: People, title: str) -> None:
    with psycopg.connect(people.site.place.superuser) as connection:
        connection.execute(
            "update document_versions set created_at = now() - interval '1 year' where title = %s", [title]
        )
