"""Signing in and out in a real browser, over http on loopback, where the cookie's strict name has to hold."""

from playwright.sync_api import expect

from tandem.web.doors import COOKIE
from tests.stories.people import People


def test_the_cookie_holds_and_ends_with_the_log_out(people: People) -> None:
    ann = people.member(people.site.cast.ann)
    other = people.tab(ann.page)
    other.goto("/app/knowledge")
    expect(other.get_by_role("heading", name="Knowledge")).to_be_visible()
    [cookie] = ann.page.context.cookies()
    assert cookie["name"] == COOKIE
    assert cookie["name"].startswith("__Host-")
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")
    ann.page.reload()
    expect(ann.page.get_by_role("navigation", name="Main")).to_be_visible()

    ann.page.get_by_role("button", name="Account and settings").click()
    ann.page.get_by_role("menuitem", name="Sign out").or_(ann.page.get_by_role("button", name="Sign out")).click()
    expect(ann.page.get_by_role("heading", name="Sign in to Tandem")).to_be_visible()
    assert ann.page.context.cookies() == []
    other.reload()
    expect(other.get_by_role("heading", name="Sign in to Tandem")).to_be_visible()


def test_a_wrong_password_says_what_to_do(people: People) -> None:
    page = people.window()
    page.goto("/app/inbox")
    page.get_by_role("textbox", name="E-mail").fill("ann@acme.example")
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is not right. Check both and try again.")
    expect(page.get_by_role("textbox", name="E-mail")).to_have_value("ann@acme.example")
