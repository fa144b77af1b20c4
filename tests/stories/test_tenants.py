"""Two companies, side by side on the same server: neither meets anything of the other."""

from playwright.sync_api import expect

from tests.stories.people import Customer, Member, People

ACME_WORD = "heliotrope-otter"
RIVAL_WORD = "vermilion-badger"


def test_two_companies_never_meet(people: People) -> None:
    site, cast = people.site, people.site.cast
    site.learn("Workshop password of the day", f"The workshop password of the day is {ACME_WORD}.", cast.acme)
    site.learn("Workshop password of the day", f"The workshop password of the day is {RIVAL_WORD}.", cast.rival)
    acme, rival = people.chatter(cast.acme), people.chatter(cast.rival)
    question = "What is the workshop password of the day?"
    expect(acme.ask(question)).to_contain_text(ACME_WORD)
    expect(rival.ask(question)).to_contain_text(RIVAL_WORD)
    _wants_a_person(acme, f"I am {ACME_WORD} myself")
    _wants_a_person(rival, f"I am {RIVAL_WORD} myself")

    bo, rob = people.member(cast.bo), people.member(cast.rob)
    for one, own, foreign in ((bo, ACME_WORD, RIVAL_WORD), (rob, RIVAL_WORD, ACME_WORD)):
        _sees_only(one, own, foreign)
    for customer, own, foreign in ((acme, ACME_WORD, RIVAL_WORD), (rival, RIVAL_WORD, ACME_WORD)):
        customer.page.reload()
        expect(customer.bubble(own).first).to_be_visible()
        assert foreign not in customer.page.locator("tandem-chat").inner_text()

    address = bo.page.url.split("/app/")[1]
    rob.page.goto(f"/app/{address}")
    expect(rob.page.get_by_role("heading", name="Nothing here")).to_be_visible()
    assert ACME_WORD not in rob.page.content()


def _wants_a_person(customer: Customer, text: str) -> None:
    customer.say(text)
    expect(customer.bubble(text)).to_be_visible()
    customer.wants_a_person_and_is_heard()


def _sees_only(one: Member, own: str, foreign: str) -> None:
    one.sees("open")
    expect(one.rows).to_have_count(1)
    one.rows.get_by_role("link").click()
    expect(one.thread.get_by_text(f"I am {own} myself")).to_be_visible()
    assert foreign not in one.page.content()
    one.page.get_by_role("searchbox", name="Search tickets").fill(foreign)
    expect(one.page.get_by_role("heading", name="Nothing matches")).to_be_visible()
