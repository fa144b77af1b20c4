"""Releases from outside: begun, filled, replayed, published and taken back, and every refusal with its code."""

from typing import Any

from tests.cast import Cast
from tests.web.site import Site, until

RATE_LIMITS = False

QUESTION = "How long is the warranty of a lamp?"
BODY = "# Warranty\n\nEvery lamp has a warranty of 24 months. Batteries are excluded from the warranty."


def begin(site: Site, title: str = "Spring") -> str:
    made = site.post(site.cast.ann, "/v1/kb/releases", {"title": title, "note": "What changes in spring"})
    assert made.status_code == 201, made.text
    assert made.json()["status"] == "draft"
    return str(made.json()["id"])


def edit(site: Site, release: str, document: str, body: str, **more: Any) -> Any:
    article = {"title": "Warranty", "body": body, "release_id": release, **more}
    return site.call(site.cast.ann, "PUT", f"/v1/kb/documents/{document}", article)


def shown(site: Site, release: str) -> dict[str, Any]:
    found: dict[str, Any] = site.get(site.cast.vi, f"/v1/kb/releases/{release}").json()
    return found


def ready(site: Site, release: str) -> None:
    until(lambda: all(change["ready"] for change in shown(site, release)["changes"]))


def replay(site: Site, release: str) -> dict[str, Any]:
    ready(site, release)
    promised = site.post(site.cast.ann, f"/v1/kb/releases/{release}/replay", {"days": 7})
    assert promised.status_code == 202, promised.text
    until(lambda: shown(site, release)["replay"]["status"] == "done")
    job = site.get(site.cast.ann, f"/v1/jobs/{promised.json()['job_id']}").json()
    assert (job["kind"], job["progress"]) == ("knowledge.replay", 1.0)
    found: dict[str, Any] = site.get(site.cast.vi, f"/v1/kb/releases/{release}/replay").json()
    assert (found["id"], found["current"], found["days"]) == (promised.json()["replay_id"], True, 7)
    return found


def publish(site: Site, release: str) -> Any:
    return site.post(site.cast.ann, f"/v1/kb/releases/{release}/publish")


def test_a_release_from_its_beginning_to_its_end(site: Site, cast: Cast) -> None:
    document = site.learn("Warranty", BODY)
    asked = site.chat(site.newcomer(), QUESTION)
    assert "24 months" in asked.text
    release = begin(site)
    assert publish(site, release).json()["code"] == "release_not_ready"
    saved = edit(site, release, document, BODY.replace("24", "36"), base_version=1)
    assert (saved.status_code, saved.json()["status"], saved.json()["version"]) == (202, "draft", 2)
    assert edit(site, release, document, BODY.replace("24", "48"), base_version=1).json()["code"] == "conflict"
    ready(site, release)
    assert publish(site, release).json()["code"] == "replay_needed"
    found = replay(site, release)
    assert (found["blocked"], [row["verdict"] for row in found["rows"]]) == (False, ["changed_citations"])
    row = found["rows"][0]
    assert (row["question"], row["turn_id"]) == (QUESTION, asked.done["turn_id"])
    assert row["draft"]["citations"][0] | {"quote": ""} == {
        "document_id": document,
        "title": "Warranty",
        "version": 2,
        "quote": "",
    }
    assert "36 months" in row["draft"]["text"]
    assert site.get(cast.vi, f"/v1/kb/releases/{release}/replay", params={"verdict": "worse"}).json()["rows"] == []
    published = publish(site, release).json()
    assert (published["status"], published["published_by"]) == ("published", cast.ann.name)
    assert [(c["from_version"], c["to_version"], c["live_version"]) for c in published["changes"]] == [(1, 2, 2)]
    assert "36 months" in site.chat(site.newcomer(), QUESTION).text
    back = site.post(cast.ann, f"/v1/kb/releases/{release}/rollback")
    assert (back.status_code, back.json()["status"], back.json()["left"]) == (200, "rolled_back", [])
    again = site.chat(site.newcomer(), QUESTION)
    assert again.text == asked.text
    assert again.done["citations"] == asked.done["citations"]
    assert site.post(cast.ann, f"/v1/kb/releases/{release}/rollback").json()["code"] == "conflict"
    site.call(cast.ann, "DELETE", f"/v1/kb/documents/{document}")


def test_a_harmful_release_is_refused_with_the_questions_it_breaks(site: Site, cast: Cast) -> None:
    document = site.learn("Engraving", "# Engraving\n\nEngraving a lamp costs 12 euros and takes 2 days.")
    question = "How much does engraving a lamp cost?"
    assert "12 euros" in site.chat(site.newcomer(), question).text
    release = begin(site)
    removed = site.call(cast.ann, "DELETE", f"/v1/kb/documents/{document}", params={"release_id": release})
    assert removed.status_code == 204
    assert replay(site, release)["blocked"]
    refused = publish(site, release)
    assert (refused.status_code, refused.json()["code"]) == (409, "release_blocked")
    assert [named["question"] for named in refused.json()["questions"]] == [question]
    assert site.call(cast.ann, "DELETE", f"/v1/kb/releases/{release}").status_code == 204
    assert shown(site, release)["status"] == "discarded"
    assert "12 euros" in site.chat(site.newcomer(), question).text


def test_a_document_changed_meanwhile_is_named_and_can_be_left_out(site: Site, cast: Cast) -> None:
    document = site.learn("Cleaning", "# Cleaning\n\nClean a lamp with a dry cloth.")
    release = begin(site, "Cleaning up")
    assert edit(site, release, document, "# Cleaning\n\nClean a lamp with a wet cloth.").status_code == 202
    article = {"title": "Cleaning", "body": "# Cleaning\n\nClean a lamp with a brush.", "base_version": 1}
    assert site.call(cast.ann, "PUT", f"/v1/kb/documents/{document}", article).status_code == 202
    ready(site, release)
    until(lambda: bool(shown(site, release)["changes"][0]["conflict"]))
    refused = publish(site, release).json()
    assert (refused["code"], refused["documents"][0]["document_id"]) == ("release_conflict", document)
    assert "Warranty" in refused["detail"], "as the draft calls it"
    assert site.call(cast.ann, "DELETE", f"/v1/kb/releases/{release}/changes/{document}").status_code == 204
    assert shown(site, release)["changes"] == []
    assert site.call(cast.ann, "DELETE", f"/v1/kb/releases/{release}/changes/{document}").status_code == 404


def test_odd_input_and_other_people(site: Site, cast: Cast) -> None:
    release = begin(site)
    named = site.call(cast.ann, "PATCH", f"/v1/kb/releases/{release}", {"title": "Summer"}).json()
    assert (named["title"], named["note"]) == ("Summer", "What changes in spring")
    assert release in [each["id"] for each in site.get(cast.vi, "/v1/kb/releases?status=draft").json()["items"]]
    assert release not in [each["id"] for each in site.get(cast.vi, "/v1/kb/releases?status=published").json()["items"]]
    assert site.get(cast.vi, "/v1/kb/releases?status=odd").status_code == 422
    assert site.post(cast.ann, "/v1/kb/releases", {"title": " "}).status_code == 422
    assert site.post(cast.ann, f"/v1/kb/releases/{release}/replay", {"days": 0}).status_code == 422
    assert site.get(cast.ann, f"/v1/kb/releases/{release}/replay").status_code == 404
    assert site.post(cast.vi, "/v1/kb/releases", {"title": "Mine"}).status_code == 403
    for who in (cast.ruth, cast.rival):
        assert site.get(who, f"/v1/kb/releases/{release}").status_code == 404
        assert site.post(who, f"/v1/kb/releases/{release}/publish").status_code == 404
        article = {"title": "A", "body": "B.", "release_id": release}
        assert site.post(who, "/v1/kb/documents", article).status_code == 404
    assert site.get(cast.vi, "/v1/kb/releases/rel_nonsense").status_code == 422
    once = {"idempotency-key": "spring"}
    first = site.post(cast.acme, "/v1/kb/releases", {"title": "Once"}, headers=once)
    assert site.post(cast.acme, "/v1/kb/releases", {"title": "Once"}, headers=once).json()["id"] == first.json()["id"]
