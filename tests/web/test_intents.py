"""Intents from outside: edited, trained, promoted or kept back, rolled back; each tenant by itself."""

from typing import Any

from tests.cast import Cast
from tests.intents import shop
from tests.web.site import Site, until

RATE_LIMITS = False


def put(site: Site, name: str, **body: Any) -> Any:
    return site.call(site.cast.acme, "PUT", f"/v1/intents/{name}", body)


def train(site: Site) -> dict[str, Any]:
    promised = site.post(site.cast.acme, "/v1/intents/train")
    assert promised.status_code == 202, promised.text
    path = f"/v1/jobs/{promised.json()['job_id']}"
    until(lambda: site.get(site.cast.acme, path).json()["status"] in ("done", "failed"))
    job: dict[str, Any] = site.get(site.cast.acme, path).json()
    assert job["status"] == "done", job
    found: dict[str, Any] = job["result"]
    return found


def classify(site: Site, text: str, who: Any = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = site.post(who or site.cast.acme, "/v1/intents/classify", {"text": text, **more}).json()
    return found


def test_examples_are_edited_learned_from_and_taken_back(site: Site, cast: Cast) -> None:
    before = site.get(cast.acme, "/v1/intents").json()
    assert (before["own"], before["live"]) == (False, None)
    for intent in before["items"][1:-1]:
        assert site.call(cast.acme, "DELETE", f"/v1/intents/{intent['name']}").status_code == 204
    for name, texts in shop.SAID.items():
        made = put(site, name, title=name, examples=list(texts))
        assert (made.status_code, made.json()["examples"], made.json()["warnings"]) == (200, 8, [])
    assert put(site, "lonely", examples=["the lamp of the lighthouse"]).json()["warnings"]
    gone = site.call(cast.acme, "DELETE", f"/v1/intents/{before['items'][0]['name']}")
    assert gone.status_code == 204
    rows: list[dict[str, Any]] = [{"text": text, "intent": "unknown"} for text in shop.FOREIGN]
    rows.append({"text": "where is my parcel", "intents": ["where_is_it", "send_back"]})
    added = site.post(cast.acme, "/v1/intents/examples", {"examples": rows}).json()
    assert added["contradictions"][0]["intents"] == ["send_back", "where_is_it"]
    assert classify(site, "my login fails")["classifier_used"].startswith("starter:")

    result = train(site)
    assert (result["version"], result["promoted"]) == (1, True), result["reason"]
    assert result["metrics"]["warnings"]["few_examples"] == [{"intent": "lonely", "examples": 1}]
    found = classify(site, "I cannot log in any more")
    assert (found["asserted"], found["classifier_used"]) == (["sign_in"], "v1")
    assert site.chat(site.newcomer(), "I cannot log in any more").done["intent"] == "sign_in"

    listed = site.get(cast.acme, "/v1/intents").json()
    assert (listed["live"]["version"], listed["own"], listed["untrained_changes"]) == (1, True, False)

    back = site.post(cast.acme, "/v1/intents/rollback")
    assert (back.status_code, back.json()) == (200, {"version": 0})
    assert classify(site, "I cannot log in any more")["classifier_used"].startswith("starter:")
    assert site.post(cast.acme, "/v1/intents/rollback").status_code == 409


def test_a_tenant_s_intents_are_its_own(site: Site, cast: Cast) -> None:
    assert put(site, "secret_of_acme", examples=["the secret of acme"]).status_code == 200
    assert "secret_of_acme" in [i["name"] for i in site.get(cast.acme, "/v1/intents").json()["items"]]
    assert "secret_of_acme" not in site.get(cast.rival, "/v1/intents").text
    assert site.get(cast.rival, "/v1/intents/secret_of_acme/examples").status_code == 404
    assert site.call(cast.rival, "DELETE", "/v1/intents/secret_of_acme").status_code == 404


def test_it_refuses_what_is_no_example(site: Site, cast: Cast) -> None:
    path = "/v1/intents/examples"
    bodies: list[dict[str, Any]] = [
        {"examples": []},
        {"examples": [{"text": "hello"}]},
        {"examples": [{"text": " ", "intent": "a"}]},
        {"examples": [{"text": "hello", "intent": "no spaces please"}]},
        {"examples": [{"text": "hello", "intents": []}]},
        {"examples": [{"text": f"hello {n}", "intent": "a"} for n in range(1001)]},
    ]
    for body in bodies:
        assert site.post(cast.acme, path, body).status_code == 422, body
    assert put(site, "unfit name").status_code == 422
    assert put(site, "a", parent="nobody").status_code == 422
    assert put(site, "loop").status_code == 200
    assert put(site, "loop", parent="loop").status_code == 422


def test_history_is_used(site: Site) -> None:
    history = [
        {"role": "user", "text": "How much is express delivery to Spain?"},
        {"role": "assistant", "text": "€12."},
    ]
    alone = {each["name"]: each["confidence"] for each in classify(site, "and to there?")["intents"]}
    after = {each["name"]: each["confidence"] for each in classify(site, "and to there?", history=history)["intents"]}
    assert after["shipping_info"] > alone.get("shipping_info", 0)
