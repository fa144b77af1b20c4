"""An admin judges answers with the keys, asks for a limit, saves what the labels support, and an unsure answer is held back."""

import re

from playwright.sync_api import expect

from tests import recorded
from tests.recorded import Past
from tests.stories import axe
from tests.stories.people import People

QUESTION = "How long do I have to return something?"
SMALL = {"width": 320, "height": 700}


def traffic(many: int, wrong: int, probability: float, category: str) -> list[Past]:
    """Answers of the last three weeks, the wrong ones spread over them."""
    every = many // wrong if wrong else many + 1
    return [Past(probability, n % every != 1, category, 1 + 20 * n / many) for n in range(many)]


def test_answers_are_judged_and_a_limit_becomes_the_policy(people: People) -> None:
    site, cast = people.site, people.site.cast
    assert "60 days" in site.chat(site.newcomer(), QUESTION).text

    ann = people.member(cast.ann)
    ann.page.goto("/app/confidence")
    main = ann.page.get_by_role("main")
    expect(main.get_by_role("heading", name="Too few judged answers to draw it")).to_be_visible()
    expect(main.get_by_text("Not enough outcomes yet: using defaults (0 of 50 outcomes")).to_be_visible()
    assert axe.violations(ann.page) == []
    main.get_by_role("button", name="Judge answers").first.click()
    main.get_by_role("button", name="Draw 25 answers").click()
    expect(main.get_by_text(QUESTION)).to_be_visible()
    assert axe.violations(ann.page) == []
    ann.page.keyboard.press("r")
    expect(main.get_by_role("heading", name="Nothing waits to be judged")).to_be_visible()

    past = [
        *traffic(1300, 1, 0.96, "return_request"),
        *traffic(260, 60, 0.7, "return_request"),
        *traffic(60, 3, 0.9, "order_status"),
    ]
    recorded.put(site.place, cast.acme.id, past)
    ann.page.goto("/app/confidence")
    expect(main.get_by_role("img", name=re.compile("Reliability of .* judged answers")).first).to_be_visible()
    expect(main.get_by_role("heading", name="Order status")).to_be_visible()
    assert axe.violations(ann.page) == []

    main.get_by_role("button", name="Limit").click()
    groups = main.get_by_role("region", name="Proposed confidences")
    expect(groups.get_by_role("rowheader", name="Return request")).to_be_visible()
    expect(main.get_by_role("img", name=re.compile("Share of wrong answers"))).to_be_visible()
    assert axe.violations(ann.page) == []
    main.get_by_role("switch", name="Where nothing is supported yet").check()
    expect(main.get_by_role("status").filter(has_text="have a threshold")).to_be_visible()
    main.get_by_role("button", name="Save as policy").click()
    dialog = ann.page.get_by_role("dialog")
    expect(dialog).to_contain_text("every other category: 100%")
    dialog.get_by_role("button", name="Save as policy").click()
    expect(ann.page.get_by_text("Version 2 of the policy holds now.")).to_be_visible()
    held = site.chat(site.newcomer(), "How long does a repair take?")
    assert held.done["resolution_state"] == "no_answer"


def test_it_is_readable_small_and_dark(people: People) -> None:
    recorded.put(
        people.site.place,
        people.site.cast.acme.id,
        [*traffic(300, 6, 0.95, "return_request"), *traffic(200, 40, 0.7, "order_status")],
    )
    ann = people.member(people.site.cast.ann, viewport=SMALL, color_scheme="dark")
    for tab in ("reliability", "judge", "limit"):
        ann.page.goto(f"/app/confidence?tab={tab}")
        expect(ann.page.get_by_role("heading", level=2).first).to_be_visible()
        expect(ann.page.get_by_role("main")).not_to_contain_text("Loading")
        assert axe.violations(ann.page) == []
        assert ann.page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], tab


def test_only_admins_find_it(people: People) -> None:
    bo = people.member(people.site.cast.bo)
    bo.page.goto("/app/inbox")
    expect(bo.page.get_by_role("link", name="Knowledge").first).to_be_visible()
    expect(bo.page.get_by_role("link", name="Confidence")).to_have_count(0)
