"""Articles that disagree: found after one goes live, few false alarms, dismissed until a text changes, gone with the text."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.documents import Labels, Written
from tandem.knowledge.reading import Format
from tandem.learning import disagreements, likeness, marks
from tandem.learning.disagreements import Disagreement
from tests import library
from tests.cast import Cast
from tests.ground import Ground
from tests.web.site import Site

RETURNS = "You can return any unworn item within 30 days of delivery. The label for the parcel is free."
TERMS = "Please note: you can return any unworn item within 14 days of delivery. We wish you a good time outdoors."
COPY = (
    "Every tent is waterproof and tested in our own rain chamber. Pitch it at home once, count the pegs and dry the fly sheet "
    "before you pack it. Store the inner tent loosely in a cotton sack, away from sunlight, and never wash it in a machine."
)


# --- on the demo's articles ---


@pytest.fixture
async def shelf(ground: Ground, cast: Cast, embedder: MiniLM) -> AsyncIterator[Database]:
    """The demo's articles. Every tenth of them is still to be looked at."""
    with library.copy(ground, cast, embedder) as place:
        db = Database(place.app)
        await db.open()
        async with db.tenant(cast.acme.id) as tx:
            listed, _ = await documents.page(tx, most=1000)
            for place_in_list, document in enumerate(listed):
                if place_in_list % 10:
                    await marks.read_document(tx, disagreements.READER, document.id, document.live_version)
        try:
            yield db
        finally:
            await db.close()


PLANTED = """\
Our terms in brief, for quick reference.

The group discount can be combined with promo codes, sale prices or Acme Plus.

Invoices are available for 10 years.

A promo code can be added to an order that has already been placed.
"""


async def test_the_demo_agrees_with_itself_and_a_planted_article_does_not(
    shelf: Database, cast: Cast, embedder: MiniLM
) -> None:
    assert await found_by(shelf, cast.acme.id, embedder) == []
    async with shelf.tenant(cast.acme.id) as tx:
        await documents.save(tx, Queue(shelf), Labels("Our terms in brief"), Written(Format.MARKDOWN, PLANTED))
    await library.ingest_everything(shelf, cast.acme.id, embedder)
    found = await found_by(shelf, cast.acme.id, embedder)
    assert {(each.kind, each.title, each.other_title) for each in found} == {
        ("conflict", "Orders for companies, schools and clubs", "Our terms in brief"),
        ("conflict", "Change an order after placing it", "Our terms in brief"),
        ("conflict", "Invoices and receipts", "Our terms in brief"),
    }
    assert ("Invoices are available for 7 years.", "Invoices are available for 10 years.") in {
        (each.quote, each.other_quote) for each in found
    }


async def found_by(db: Database, tenant_id: TenantId, embedder: MiniLM) -> list[Disagreement]:
    """Look until nothing is left to look at."""
    while await disagreements.find(db, embedder, tenant_id):
        pass
    async with db.tenant(tenant_id) as tx:
        return await disagreements.page(tx, None, None)


# --- a pair's life ---


def shown(site: Site, **wanted: str) -> list[dict[str, Any]]:
    """What stands there once everything that changed has been looked at."""
    site.run(found_by(site.parts.db, site.cast.acme.id, site.parts.models.shipped))
    items: list[dict[str, Any]] = site.get(site.cast.vi, "/v1/kb/disagreements", params=wanted).json()["items"]
    return items


def rewrite(site: Site, document_id: str, title: str, body: str) -> None:
    saved = site.call(site.cast.acme, "PUT", f"/v1/kb/documents/{document_id}", {"title": title, "body": body})
    assert saved.status_code == 202, saved.text
    site.ready(document_id)


@pytest.mark.usefixtures("bare")
def test_a_conflict_is_shown_on_both_documents_and_goes_with_its_text(site: Site) -> None:
    returns, terms = site.learn("Returns", RETURNS), site.learn("Terms", TERMS)
    (pair,) = shown(site)
    assert (pair["kind"], pair["status"], pair["document"]["title"], pair["other"]["title"]) == (
        "conflict",
        "open",
        "Returns",
        "Terms",
    )
    assert "within 30 days" in pair["quote"]
    assert "within 14 days" in pair["other_quote"]
    assert [shown(site, document_id=id) for id in (returns, terms)] == [[pair], [pair]]
    rewrite(site, terms, "Terms", TERMS.replace("14", "30"))
    assert shown(site) == []


@pytest.mark.usefixtures("bare")
def test_a_dismissed_pair_stays_so_until_one_of_the_texts_changes(site: Site, cast: Cast) -> None:
    site.learn("Returns", RETURNS)
    terms = site.learn("Terms", TERMS)
    (pair,) = shown(site)
    assert site.post(cast.ann, f"/v1/kb/disagreements/{pair['id']}/dismiss").status_code == 204
    rewrite(site, terms, "Terms", TERMS + " We ship on working days.")
    assert shown(site, status="open") == []
    assert [(each["id"], each["other_version"]) for each in shown(site, status="dismissed")] == [(pair["id"], 2)]
    rewrite(site, terms, "Terms", TERMS.replace("14", "21"))
    assert [each["status"] for each in shown(site)] == ["open"]


@pytest.mark.usefixtures("bare")
def test_a_copied_passage_is_pointed_out_and_a_withdrawn_one_is_not(site: Site) -> None:
    site.learn("Tents", COPY)
    copy = site.learn("Care of tents", COPY)
    (pair,) = shown(site)
    assert (pair["kind"], pair["quote"]) == ("duplicate", COPY)
    assert site.call(site.cast.acme, "DELETE", f"/v1/kb/documents/{copy}").status_code == 204
    assert shown(site) == []


@pytest.mark.usefixtures("bare")
def test_other_tenants_and_agents_change_nothing(site: Site, cast: Cast) -> None:
    site.learn("Returns", RETURNS)
    site.learn("Terms", TERMS)
    (pair,) = shown(site)
    assert site.get(cast.ray, "/v1/kb/disagreements").json()["items"] == []
    assert site.post(cast.ruth, f"/v1/kb/disagreements/{pair['id']}/dismiss").status_code == 404
    assert site.post(cast.bo, f"/v1/kb/disagreements/{pair['id']}/dismiss").status_code == 403


# --- rules ---


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("You can return any item within 30 days of delivery.", "Items can be returned within 14 days of delivery."),
        ("The account is erased for good after 30 days.", "Your account is erased for good after two weeks."),
        ("Worn items cannot be returned.", "You can return worn items."),
        ("Delivery within Germany costs €4.90.", "Delivery within Germany costs €5.90."),
        ("The sale ends on 3 March.", "The sale ends on 10 March."),
        ("The tent weighs 2 kg.", "The tent weighs 2 pounds."),
    ],
)
def test_other_numbers_units_dates_and_negations_of_the_same_are_a_conflict(one: str, other: str) -> None:
    assert likeness.needed(one, other) == likeness.SAME
    assert likeness.needed(one, one) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Standard delivery takes 3 to 5 working days.", "Express delivery takes 1 to 2 working days."),
        ("You can return any item within 30 days.", "You can exchange any item within 60 days."),
        ("You can cancel before dispatch.", "You cannot cancel after dispatch."),
        ("Please update the app to version 1.3.2.", "Please update the app to version 1.3.5."),
        ("Links in our e-mails work for 24 hours.", "Links in our e-mails work for 1 day."),
        ("The offer is valid for 30 days.", "The offer is valid for a month."),
        ("Can I return an item within 30 days?", "You can return an item within 14 days."),
        ("See [offers for 14 days](https://acme.example/14).", "See [offers for 30 days](https://acme.example/30)."),
    ],
)
def test_what_is_about_different_things_or_means_the_same_is_none(one: str, other: str) -> None:
    assert likeness.needed(one, other) is None


def test_articles_of_a_series_are_not_about_the_same() -> None:
    assert not likeness.about_the_same("Bulletin 1.3.2 › Summary", "Bulletin 1.3.5 › Summary")
    assert likeness.about_the_same("Returns", "Terms › Returns")
