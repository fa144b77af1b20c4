"""Labels of answers: who says what, what is drawn by lot, what the confidence makes of it, and the rules that follow."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tandem import clock, ids
from tandem.answering.score import SHIPPED
from tandem.learning import fitting, outcomes, scorings
from tests import recorded
from tests.cast import Cast
from tests.recorded import Past
from tests.web.site import Site

ARTICLE = "# Returns\n\nYou can return any item within 30 days of delivery. Return parcels are free with our label."
QUESTION = "How many days do I have to return an item?"


@pytest.fixture(autouse=True)
def fresh(site: Site) -> Iterator[None]:
    """No labels, no fits, no thresholds."""
    yield
    with psycopg.connect(site.place.superuser, autocommit=True) as owner:
        owner.execute("delete from outcomes")
        owner.execute("delete from outcome_samples")
        owner.execute("delete from scorings")
        owner.execute("delete from feedback")
        owner.execute("update handoffs set label = null")
    site.call(site.cast.ann, "PATCH", "/v1/policy", json={"thresholds": {"answer_by_category": {}}})


def confidence(site: Site) -> Any:
    return site.get(site.cast.ann, "/v1/confidence").json()


def labels(site: Site) -> dict[str, Any]:
    return {row["source"]: row for row in confidence(site)["labels"]["by_source"]}


def answered(site: Site) -> Any:
    site.learn("Returns", ARTICLE)
    said = site.chat(site.newcomer(), QUESTION)
    assert said.done["resolution_state"] == "answered", said.done
    return said


def judge(site: Site, turn_id: str, right: bool | None, who: Any = None) -> Any:
    return site.post(who or site.cast.bo, "/v1/outcomes", {"turn_id": turn_id, "right": right})


def test_an_answer_is_drawn_shown_without_its_confidence_and_judged_once(site: Site) -> None:
    said = answered(site)
    assert site.post(site.cast.bo, "/v1/outcomes/draw", {"count": 5}).json()["drawn"] >= 1
    queue = site.get(site.cast.bo, "/v1/outcomes/queue").json()
    mine = next(item for item in queue["items"] if item["turn_id"] == said.done["turn_id"])
    assert (mine["question"], mine["given"]) == (QUESTION, True)
    assert "30 days" in mine["answer"]
    assert not {"confidence", "probability", "score"} & set(mine), "it would tell the judge what to say"
    assert judge(site, mine["turn_id"], True).status_code == 201
    assert labels(site)["review"] == {"source": "review", "labels": 1, "wrong": 0, "unclear": 0}
    assert judge(site, mine["turn_id"], False).status_code == 201, "the last word counts"
    assert labels(site)["review"]["wrong"] == 1
    after = site.get(site.cast.bo, "/v1/outcomes/queue").json()
    assert mine["turn_id"] not in [item["turn_id"] for item in after["items"]]


def test_what_nobody_drew_is_somebody_s_choice(site: Site) -> None:
    said = answered(site)
    judge(site, said.done["turn_id"], True)
    found = labels(site)
    assert (found["review"]["labels"], found["chosen"]["labels"]) == (0, 1)
    assert confidence(site)["labels"]["judging"] == 0


def test_a_person_s_word_is_stronger_than_a_thumb(site: Site) -> None:
    who = site.newcomer()
    site.learn("Returns", ARTICLE)
    said = site.chat(who, QUESTION)
    thumb = {"conversation_id": said.id, "message_id": said.done["message_id"], "rating": "down"}
    assert site.post(who, "/v1/feedback", thumb).status_code == 201
    assert labels(site)["thumbs"] == {"source": "thumbs", "labels": 1, "wrong": 1, "unclear": 0}
    judge(site, said.done["turn_id"], True)
    assert labels(site)["thumbs"]["labels"] == 0
    assert labels(site)["chosen"] == {"source": "chosen", "labels": 1, "wrong": 0, "unclear": 0}


@pytest.mark.parametrize(("label", "wrong"), [("too_late", 1), ("not_needed", 0)])
def test_an_agent_s_word_at_the_end_of_a_handoff_is_about_the_answer_before_it(
    site: Site, label: str, wrong: int
) -> None:
    site.learn("Returns", ARTICLE)
    who = site.newcomer()
    said = site.chat(who, QUESTION)
    handed = site.chat(who, "I want to talk to a person", said.id)
    assert site.post(site.cast.bo, f"/v1/tickets/{handed.ticket_id}/claim").status_code == 200
    done = site.post(site.cast.bo, f"/v1/tickets/{handed.ticket_id}/resolve", {"handoff_label": label})
    assert done.status_code == 200, done.text
    assert (labels(site)["handoff"]["labels"], labels(site)["handoff"]["wrong"]) == (1, wrong)
    judge(site, said.done["turn_id"], wrong == 0)
    assert labels(site)["handoff"]["labels"] == 0, "a person who read the answer knows better"


def test_a_turn_without_an_answer_cannot_be_judged(site: Site, bare: None) -> None:
    said = site.chat(site.newcomer(), "Do you rent out sailing boats on the lake?")
    assert judge(site, said.done["turn_id"], True).status_code == 409
    assert judge(site, ids.show("trn", ids.new()), True).status_code == 404


def test_another_tenant_sees_and_judges_none_of_it(site: Site, cast: Cast) -> None:
    said = answered(site)
    assert judge(site, said.done["turn_id"], True).status_code == 201, "an insider may"
    assert judge(site, said.done["turn_id"], False, cast.ruth).status_code == 404
    assert site.get(cast.ruth, "/v1/confidence").json()["labels"]["by_source"][1]["labels"] == 0
    assert labels(site)["chosen"]["wrong"] == 0


def traffic(many: int, wrong: int, probability: float, **more: Any) -> list[Past]:
    return [Past(probability, n >= wrong, days_ago=1 + 20 * n / many, **more) for n in range(many)]


def test_a_limit_that_labels_support_becomes_a_rule_and_the_rule_holds(site: Site) -> None:
    past = [*traffic(400, 1, 0.95), *traffic(200, 60, 0.6)]
    recorded.put(site.place, site.cast.acme.id, past)
    found = site.post(site.cast.ann, "/v1/thresholds/choose", {"limit": 0.02, "confidence": 0.95}).json()
    (group,) = found["groups"]
    assert found["complete"], found["says"]
    assert 0.6 < group["threshold"] <= 0.95
    assert (group["labels"], group["wrong"]) == (400, 1)
    assert group["bound"] <= 0.02
    assert found["after"]["handled"]["value"] < found["before"]["handled"]["value"]
    assert found["after"]["wrong"]["value"] < 0.02 < found["before"]["wrong"]["value"]
    saved = site.call(site.cast.ann, "PATCH", "/v1/policy", json=found["changes"])
    assert saved.json()["version"] == found["policy_version"] + 1
    assert saved.json()["thresholds"]["answer_by_category"]["return_request"] == group["threshold"]


def test_too_few_labels_are_called_so_with_the_number_that_would_do(site: Site) -> None:
    recorded.put(site.place, site.cast.acme.id, traffic(40, 0, 0.9))
    found = site.post(site.cast.ann, "/v1/thresholds/choose", {"limit": 0.02, "confidence": 0.95}).json()
    assert not found["supported"]
    assert found["says"].endswith("takes at least 149 judged answers, and there are 40.")


def test_what_could_not_be_told_counts_as_wrong(site: Site) -> None:
    recorded.put(site.place, site.cast.acme.id, [*traffic(300, 0, 0.9), *(Past(0.9, None) for _ in range(60))])
    found = site.post(site.cast.ann, "/v1/thresholds/choose", {"limit": 0.02, "confidence": 0.95}).json()
    assert not found["supported"], "60 of 360 were passed over"


def test_below_the_rule_an_answer_is_held_back_and_can_still_be_judged(site: Site) -> None:
    site.learn("Returns", ARTICLE)
    site.call(site.cast.ann, "PATCH", "/v1/policy", json={"thresholds": {"answer_by_category": {"*": 1.0}}})
    said = site.chat(site.newcomer(), QUESTION)
    assert said.done["resolution_state"] == "no_answer"
    assert "30 days" not in said.text
    with psycopg.connect(site.place.superuser, autocommit=True) as owner:
        turn = ids.read("trn", said.done["turn_id"])
        owner.execute(
            "insert into outcome_samples (tenant_id, turn_id, drawn_by) select tenant_id, id, 'Bo' from turns where id = %s",
            [turn],
        )
    (mine,) = site.get(site.cast.bo, "/v1/outcomes/queue").json()["items"]
    assert not mine["given"]
    assert "30 days" in mine["answer"]


def test_the_tradeoff_falls_as_the_threshold_rises(site: Site) -> None:
    recorded.put(site.place, site.cast.acme.id, [*traffic(100, 1, 0.9), *traffic(100, 30, 0.6)])
    found = site.get(site.cast.ann, "/v1/thresholds/tradeoff", params={"category": "return_request"}).json()
    handled = [setting["handled"]["value"] for setting in found["settings"]]
    assert handled == sorted(handled, reverse=True)
    assert found["labels"] == 200
    for setting in found["settings"]:
        for name in ("handled", "wrong", "resolved", "people_a_day", "minutes_a_day", "cost_a_day"):
            triple = setting[name]
            assert triple is None or triple["least"] <= triple["value"] <= triple["most"], (name, setting)


def test_weights_are_fitted_when_there_is_enough_and_can_be_taken_back(site: Site) -> None:
    assert confidence(site)["scoring"]["says"].startswith("Not enough outcomes yet: using defaults (0 of 50 outcomes")
    past = [Past(0.9, n % 3 != 0, days_ago=1) for n in range(300)] + [
        Past(0.5, n % 9 == 0, days_ago=1) for n in range(300)
    ]
    recorded.put(site.place, site.cast.acme.id, past)
    tenant, db, embedder = site.cast.acme.id, site.parts.db, site.parts.models.shipped
    assert site.run(scorings.fit_again(db, embedder, tenant)) >= fitting.ENOUGH
    shown = confidence(site)["scoring"]
    assert (shown["version"], shown["fitted"]) == (1, True)
    assert shown["fits"][0]["report"]["loss"] < shown["fits"][0]["report"]["before"]
    assert site.run(scorings.fit_again(db, embedder, tenant)) == 0, "nothing new"
    site.learn("Returns", ARTICLE)
    said = site.chat(site.newcomer(), QUESTION)
    turn = site.get(site.cast.vi, f"/v1/turns/{said.done['turn_id']}").json()
    assert turn["record"]["decision"]["score"]["version"] == 1
    assert site.post(site.cast.ann, "/v1/confidence/rollback").status_code == 204
    assert confidence(site)["scoring"]["version"] == SHIPPED.version
    assert site.post(site.cast.ann, "/v1/confidence/rollback").status_code == 409


def test_nothing_is_fitted_to_what_judges_it() -> None:
    def row(n: int, source: str = "review", drawn: bool = True) -> outcomes.Labelled:
        id = ids.TurnId(ids.new())
        return outcomes.Labelled(id, ids_time(), source, True, drawn, "a", {"retrieval": 1.0}, 0.9)

    rows = [row(n) for n in range(600)]
    held = [each for each in rows if each.held]
    assert 350 < len(held) < 450
    own = SHIPPED.__class__(1, 0.0, {})
    assert len(outcomes.for_fitting(rows)) + len(outcomes.for_judging(rows, own)) == len(rows)
    assert len(outcomes.for_judging(rows, SHIPPED)) == len(rows), "to what is shipped nothing of theirs was fitted"
    assert len(outcomes.for_fitting([row(0, "thumbs", False)])) == 1
    assert not outcomes.for_judging([row(0, "thumbs"), row(0, drawn=False)], SHIPPED), "nobody's choice judges"


def ids_time() -> Any:
    return clock.now()
