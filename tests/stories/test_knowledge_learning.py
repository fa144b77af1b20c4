"""What questions teach: a gap is written, an answer is recalled, what a person answered is approved."""

from playwright.sync_api import expect

from tandem.learning import noticing, proposing
from tests.stories.people import People

GAP = "Can I rent snowshoes in Utrecht?"
WRITTEN = "You can rent snowshoes in Utrecht for €24 a weekend."
STUDS = "I want to talk to a person: do you put studs on boots?"
ANSWER = "We put studs on boots in every store for €35, and it takes one day."


def test_a_gap_becomes_an_article_and_a_resolution_is_approved(people: People) -> None:
    site, cast = people.site, people.site.cast
    site.chat(site.newcomer(), GAP)
    asked = site.chat(site.newcomer(), STUDS)
    for verb, said in (("claim", {}), ("reply", {"text": ANSWER, "client_message_id": "reply-1"}), ("resolve", {})):
        assert site.post(cast.bo, f"/v1/tickets/{asked.ticket_id}/{verb}", said).status_code < 300
    embedder = site.parts.models.shipped
    site.run(noticing.read_turns(site.parts.db, embedder, cast.acme.id, horizon_s=-5.0))
    site.run(proposing.propose(site.parts.db, embedder, cast.acme.id))

    ann = people.member(cast.ann)
    ann.page.goto("/app/knowledge/gaps")
    main = ann.page.get_by_role("main")
    main.get_by_role("link", name=GAP).click()
    expect(main.get_by_role("region", name="What comes nearest").get_by_role("listitem").first).to_be_visible()
    main.get_by_role("button", name=f"Write the answer: {GAP}").click()
    body = main.get_by_role("textbox", name="Body")
    expect(body).to_be_visible()
    body.fill(WRITTEN)
    main.get_by_role("button", name="Save to").click()
    expect(main.get_by_text("This article exists only in a draft.")).to_be_visible()
    expect(main.get_by_text(WRITTEN)).to_be_visible()

    ann.page.goto("/app/knowledge/resolutions")
    proposed = main.get_by_role("listitem").filter(has=ann.page.get_by_role("textbox", name="Answer"))
    proposed.get_by_role("textbox", name="Question").fill("Do you put studs on boots?")
    proposed.get_by_role("button", name="Approve").click()
    expect(main.get_by_role("heading", name="Nothing to approve")).to_be_visible()
    dee = people.customer().open()
    expect(dee.ask("Do you put studs on boots?")).to_contain_text("€35")


def test_everybody_who_was_told_wrong_is_told_right(people: People) -> None:
    dee = people.customer().open()
    expect(dee.ask("How long do I have to return something?")).to_contain_text("60 days")
    ann = people.member(people.site.cast.ann)
    ann.page.goto("/app/knowledge?q=How+long+you+have")
    ann.page.get_by_role("link", name="How long you have to return something").click()
    ann.page.get_by_role("button", name="Answers from this").click()
    ann.page.get_by_role("button", name="Recall…").click()
    ann.page.get_by_role("textbox", name="What was wrong").fill("It was 45 days all the time.")
    ann.page.get_by_role("button", name="Start the recall").click()
    expect(ann.page.get_by_text("0 of 1 done")).to_be_visible()

    bo = people.member(people.site.cast.bo)
    bo.page.goto(ann.page.url)
    expect(bo.page.get_by_role("button", name="Close the recall")).to_have_count(0)
    bo.page.get_by_role("textbox", name="Correction").fill("We told you 60 days. It is 45 days.")
    bo.page.get_by_role("button", name="Send correction").click()
    expect(bo.page.get_by_text("1 of 1 done")).to_be_visible()
    dee.is_told("We told you 60 days. It is 45 days.")
    bo.page.get_by_role("link", name="Open the conversation").click()
    expect(bo.thread).to_contain_text("It is 45 days.")
