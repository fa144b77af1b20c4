"""A customer wants a person, gets one who knows the story, and says afterwards how it was."""

import re

from playwright.sync_api import Route, expect

from tests.stories.people import PAUSE_MS, Customer, Member, People, type_until_noticed

QUESTION = "My tent pole is broken, what does a repair cost?"


def test_a_person_takes_over_hands_back_and_settles_it(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    expect(bo.page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()

    dee = people.customer().open()
    dee.ask(QUESTION)
    dee.wants_a_person_and_is_heard()
    dee.is_told("You are number 1 in the queue.")

    expect(bo.row("tent pole")).to_be_visible()
    bo.open("tent pole")
    expect(bo.briefing).to_contain_text("tent pole is broken")
    expect(bo.briefing).to_contain_text("The customer asked for a person")
    expect(bo.briefing).to_contain_text("Suggested next step")
    expect(bo.thread.get_by_text(QUESTION)).to_be_visible()
    bo.claim()
    expect(dee.panel.locator(".mode")).to_have_text("You are talking to Bo")
    dee.is_told("Bo has joined")

    _they_see_each_other_type(bo, dee)
    bo.reply("Hello, Bo here. Which tent is it?")
    expect(dee.bubble("Hello, Bo here.")).to_be_visible()
    dee.say("The Ridge, two years old.")
    expect(bo.thread.get_by_text("The Ridge, two years old.")).to_be_visible()
    _the_assistant_stays_silent(bo, dee)

    bo.press("h")
    dee.is_told("The assistant is back")
    expect(dee.ask("And how long do refunds take?")).to_be_visible()

    bo.press("e")
    bo.page.get_by_role("textbox", name="Closing message").fill("The new pole is on its way. Have a good trip!")
    bo.page.keyboard.press("Control+Enter")
    expect(dee.bubble("The new pole is on its way.")).to_be_visible()
    dee.is_told("This was marked as resolved")
    expect(dee.panel.locator(".mode")).to_have_text("Resolved")

    _dee_rates_it_by_keyboard(dee)
    bo.sees("resolved")
    expect(bo.row("tent pole")).to_contain_text("★ 4")


def _they_see_each_other_type(bo: Member, dee: Customer) -> None:
    type_until_noticed(bo.draft, dee.log.get_by_text("Bo is writing…"))
    type_until_noticed(dee.draft, bo.thread.get_by_text("Customer is typing…"))
    dee.draft.fill("")


def _the_assistant_stays_silent(bo: Member, dee: Customer) -> None:
    """A question it could answer stays unanswered; the agent's next words come right after it."""
    answers = dee.answers.count()
    dee.say("How long does delivery take?")
    expect(bo.thread.get_by_text("How long does delivery take?")).to_be_visible()
    bo.reply("Two days, says the list on my wall.")
    expect(dee.bubble("says the list on my wall")).to_be_visible()
    texts = dee.log.locator(".bubble").all_inner_texts()
    assert texts[-2:] == ["How long does delivery take?", "Two days, says the list on my wall."]
    assert dee.answers.count() == answers


def _dee_rates_it_by_keyboard(dee: Customer) -> None:
    stars = dee.page.get_by_role("radio")
    stars.first.focus()
    for _ in range(3):
        dee.page.keyboard.press("ArrowRight")
    expect(dee.page.get_by_role("radio", name="4 of 5")).to_be_checked()
    dee.page.get_by_role("textbox", name="Anything you would like to add?").fill("Quick and kind.")
    dee.page.keyboard.press("Tab")
    dee.page.keyboard.press("Enter")
    dee.is_told("Thank you for your rating.")


def test_asking_for_a_person_in_words_is_enough(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    dee = people.customer().open().say("I want to talk to a real person please")
    expect(dee.panel.locator(".mode")).to_have_text("Waiting for a person")
    expect(bo.row("real person")).to_be_visible()


def test_who_came_before_the_live_events_were_there_is_in_the_list(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    held: list[Route] = []
    bo.page.route("**/v1/events", lambda route: held.append(route))
    bo.sees("waiting")
    expect(bo.page.get_by_role("heading", name="Nobody is waiting")).to_be_visible()
    dee = people.customer().open().say("I want to talk to a person, my rope is wet")
    expect(dee.panel.locator(".mode")).to_have_text("Waiting for a person")
    assert bo.row("my rope").count() == 0, "nothing has told the page of her"
    while not held:
        bo.page.wait_for_timeout(PAUSE_MS)
    for stream in held:
        stream.continue_()
    expect(bo.row("my rope")).to_be_visible()


def test_with_nobody_online_the_customer_is_told_and_leaves_an_address(people: People) -> None:
    dee = people.customer().open()
    dee.ask("Somebody charged me twice for order A-10442")
    dee.want_a_person()
    dee.is_told(re.compile("Nobody (is here|of our team is online) right now"))
    address = dee.page.get_by_role("textbox", name="Your e-mail address")
    address.fill("dee@nowhere")
    address.press("Enter")
    address.fill("not an address")
    address.press("Enter")
    dee.is_told("Please enter an address such as name@example.com.")
    address.fill("dee@customers.example")
    address.press("Enter")
    dee.is_told("A person will write to dee@customers.example.")

    bo = people.member(people.site.cast.bo).open("charged me twice")
    bo.page.get_by_role("button", name="Show details").click()
    details = bo.page.get_by_role("dialog", name="Details")
    expect(details.get_by_role("link", name="dee@customers.example")).to_be_visible()


def test_two_agents_claim_at_once_and_one_gets_it(people: People) -> None:
    cast = people.site.cast
    people.customer().open().say("I want to talk to a person about my stove")
    ann, bo = people.member(cast.ann).open("my stove"), people.member(cast.bo).open("my stove")
    held: list[Route] = []
    for one in (ann, bo):  # neither reaches the server before both have pressed
        one.page.route("**/claim", lambda route: held.append(route))
        one.press("c")
    while len(held) < 2:
        ann.page.wait_for_timeout(PAUSE_MS)
    for claim in held:
        claim.continue_()
    ann_has_it, bo_has_it = (one.page.get_by_text("You are in charge") for one in (ann, bo))
    expect(ann_has_it.or_(ann.page.get_by_text("Bo is in charge", exact=True))).to_be_visible()
    expect(bo_has_it.or_(bo.page.get_by_text("Ann is in charge", exact=True))).to_be_visible()
    assert ann_has_it.is_visible() != bo_has_it.is_visible()
    winner, loser = (ann, bo) if ann_has_it.is_visible() else (bo, ann)
    loser.is_told(f"{winner.who.name} was faster and has this ticket now.")


def test_what_was_written_meanwhile_is_read_before_a_reply_goes_out(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    dee = people.customer().open().say("I want to talk to a person, my boots leak")
    bo.open("boots leak").claim()
    expect(dee.panel.locator(".mode")).to_have_text("You are talking to Bo")
    bo.page.context.set_offline(True)
    expect(bo.page.get_by_text("You are offline.")).to_be_visible()  # what comes in now is not on Bo's screen
    dee.say("Wait, it was the daypack that leaks")
    expect(dee.log.get_by_text("Sent ·")).to_be_visible()
    bo.page.route("**/v1/events", lambda route: route.abort())
    bo.page.route("**/v1/tickets/tkt_*", lambda route: route.abort())
    bo.page.context.set_offline(False)

    bo.draft.fill("New soles for your boots are on us.")
    bo.draft.press("Control+Enter")
    expect(bo.thread.get_by_text("New messages while you were writing")).to_be_visible()
    expect(bo.thread.get_by_text("it was the daypack that leaks")).to_be_visible()
    expect(dee.bubble("New soles")).to_have_count(0)
    bo.page.unroute_all()
    bo.is_told("Connected again.")
    bo.page.get_by_role("button", name="See what is new").click()
    expect(bo.draft).to_have_value("New soles for your boots are on us.")
    bo.reply("Daypacks are repaired for free too.")
    expect(dee.bubble("Daypacks are repaired for free too.")).to_be_visible()
