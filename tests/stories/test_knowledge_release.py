"""An edit that would harm collects in a release, is stopped by the question it breaks, is mended, published and taken back."""

from playwright.sync_api import Locator, expect

from tests.stories.people import Member, People

ARTICLE = "How long you have to return something"
QUESTION = "How long do I have to return something?"
HARMFUL = "## Returns\n\nPlease talk to us about it in one of our stores."
MENDED = "## Can I still return it?\n\nYou can return unused items within 90 days of delivery. A returned item must be clean."


def test_a_release_is_stopped_mended_published_and_taken_back(people: People) -> None:
    _are_told(people, "60 days")
    ann = people.member(people.site.cast.ann)
    _edit_into_a_new_release(ann)
    main = ann.page.get_by_role("main")
    main.get_by_role("link", name="Open the draft").click()
    main.get_by_role("button", name="Show the difference").click()
    expect(main.get_by_text("Please talk to us about it")).to_be_visible()

    _replayed(main, "Run the replay")
    expect(main.get_by_text("Blocked")).to_be_visible()
    expect(main.get_by_role("group").get_by_text(QUESTION)).to_be_visible()
    _publish(ann)
    expect(main.get_by_role("alert").filter(has_text=QUESTION)).to_be_visible()

    main.get_by_role("link", name="Edit text").click()
    expect(main.get_by_role("textbox", name="Body")).to_have_value(HARMFUL)
    main.get_by_role("textbox", name="Body").fill(MENDED)
    main.get_by_role("button", name="Save to “Shorter returns”").click()
    main.get_by_role("link", name="Open the draft").click()
    expect(main.get_by_text("version 1 → 3")).to_be_visible()
    _replayed(main, "Run again")
    expect(main.get_by_text("May be published")).to_be_visible()
    _are_told(people, "60 days")
    _publish(ann)
    expect(main.get_by_text("published by Ann")).to_be_visible()
    _are_told(people, "90 days")

    main.get_by_role("button", name="Roll back").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(main.get_by_text("rolled back by Ann")).to_be_visible()
    _are_told(people, "60 days")


def _edit_into_a_new_release(ann: Member) -> None:
    ann.page.goto("/app/knowledge")
    ann.page.get_by_role("link", name=ARTICLE).click()
    ann.page.get_by_role("button", name="Edit", exact=True).click()
    ann.page.get_by_role("textbox", name="Body").fill(HARMFUL)
    ann.page.get_by_role("button", name="Add to a release…").click()
    ann.page.get_by_role("textbox", name="Name of the new draft").fill("Shorter returns")
    ann.page.get_by_role("button", name="Add to the release").click()
    expect(ann.page.get_by_text("A draft release changes this article.")).to_be_visible()


def _replayed(main: Locator, button: str) -> None:
    main.get_by_role("button", name=button).click()
    expect(main.get_by_text("Replayed now")).to_be_visible()


def _publish(ann: Member) -> None:
    ann.page.get_by_role("main").get_by_role("button", name="Publish").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Publish").click()


def _are_told(people: People, text: str) -> None:
    """Somebody new asks: who asks the same again and again is brought to a person."""
    expect(people.customer().open().ask(QUESTION)).to_contain_text(text)
