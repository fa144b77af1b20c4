"""The shape of the demo's own content: articles, starter intents, golden set.

Reads the files as text and knows nothing about how the product loads them, so that it can also catch a loader that
quietly skips something.
"""

import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import tandem
from tandem.tenants.policy import Rules

HOUSE = Path(tandem.__file__).parent
ARTICLES = HOUSE / "demo" / "articles"
RIVAL = HOUSE / "demo" / "rival"
GOLDEN = HOUSE / "demo" / "golden.jsonl"
STARTER = HOUSE / "intents" / "starter.toml"

FIELDS = ["external_id", "title", "category", "audience", "updated"]
CATEGORIES = {
    "shipping",
    "returns",
    "warranty",
    "orders",
    "billing",
    "account",
    "privacy",
    "products",
    "company",
}
OUTCOMES = {"answer", "no_answer", "ask", "handover", "smalltalk"}
EXPECTATIONS = {"route", "intent", "cites", "says", "never_says", "escalated", "outcome"}
LEAST_CASES = {
    "answerable": 50,
    "follow_up": 6,
    "unanswerable": 12,
    "ambiguous": 5,
    "hostile": 8,
    "asks_for_a_person": 8,
    "always_escalate": 8,
    "staff_only": 3,
    "smalltalk": 3,
}


@dataclass(frozen=True)
class Article:
    """One help article: its front matter and the text below it."""

    file: Path
    fields: dict[str, str]
    body: str


def read_article(file: Path) -> Article:
    """The article in a file; front matter is lines of `name: value` between two lines of dashes."""
    opening, matter, body = file.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == "", f"{file.name} does not begin with front matter"
    fields = dict(line.split(": ", 1) for line in matter.splitlines())
    return Article(file, fields, body)


def plain(text: str) -> str:
    """Text as a customer sees it: without the stars of bold, in lower case, blanks as one."""
    return re.sub(r"\s+", " ", text.replace("*", "")).lower()


ACME = [read_article(file) for file in sorted(ARTICLES.glob("*.md"))]
COFFEE = [read_article(file) for file in sorted(RIVAL.glob("*.md"))]
INTENTS: list[dict[str, Any]] = tomllib.loads(STARTER.read_text(encoding="utf-8"))["intent"]
CASES: list[dict[str, Any]] = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
BY_ID = {article.fields["external_id"]: article for article in ACME}


def named(article: Article) -> str:
    """The name of an article in the test report."""
    return article.file.stem


def case_id(case: dict[str, Any]) -> str:
    """The name of a golden case in the test report."""
    return str(case["id"])


def test_there_are_enough_articles_in_every_category() -> None:
    assert len(ACME) >= 48
    assert len(COFFEE) == 8
    assert {article.fields["category"] for article in ACME} == CATEGORIES


def test_audiences_are_mostly_public_with_a_few_for_staff_and_for_verified_customers() -> None:
    audiences = Counter(article.fields["audience"] for article in ACME)
    assert audiences["staff"] == 2
    assert audiences["verified"] == 2
    assert audiences["public"] == len(ACME) - 4


@pytest.mark.parametrize("article", ACME + COFFEE, ids=named)
def test_an_article_has_complete_front_matter(article: Article) -> None:
    assert list(article.fields) == FIELDS
    assert article.fields["external_id"] == article.file.stem
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", article.file.stem)
    assert article.fields["category"] in CATEGORIES
    assert article.fields["audience"] in {"public", "verified", "staff"}
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", article.fields["updated"])


@pytest.mark.parametrize("article", ACME, ids=named)
def test_an_article_has_substance_and_is_not_a_book(article: Article) -> None:
    assert 150 <= len(article.body.split()) <= 500


@pytest.mark.parametrize("article", ACME + COFFEE, ids=named)
def test_an_article_names_only_reserved_mail_addresses_and_no_telephone(article: Article) -> None:
    for address in re.findall(r"\S+@\S+", article.body):
        assert re.search(r"\.example\b", address), address
    assert "://" not in article.body
    assert not re.search(r"\+\d{2}|\b\d{3,}[ -]\d{3,}[ -]\d{3,}\b", article.body)


def test_titles_and_ids_are_unique() -> None:
    everything = ACME + COFFEE
    for field in ("external_id", "title"):
        counts = Counter(article.fields[field].lower() for article in everything)
        assert [value for value, count in counts.items() if count > 1] == []


def test_each_article_of_the_rival_has_a_codeword_that_the_shop_never_uses() -> None:
    codewords = [
        "quillfire",
        "moorhen box",
        "velvet ledger",
        "pelican-9",
        "saltmarsh reserve",
        "copper thimbles",
        "juniper dossier",
        "ottersgate",
    ]
    shop = " ".join(plain(article.body) for article in ACME)
    for word in codewords:
        assert sum(word in plain(article.body) for article in COFFEE) == 1, word
        assert word not in shop


def test_the_same_sentence_is_not_told_in_two_articles() -> None:
    homes: dict[str, set[str]] = {}
    for article in ACME:
        for sentence in re.split(r"(?<=[.?!])\s+", plain(article.body)):
            if len(sentence.split()) >= 8:
                homes.setdefault(sentence, set()).add(named(article))
    assert {sentence: where for sentence, where in homes.items() if len(where) > 1} == {}


def test_every_intent_is_complete() -> None:
    wanted = {"name", "category", "title", "description", "requires_action", "examples"}
    for intent in INTENTS:
        assert set(intent) == wanted, intent["name"]
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", intent["name"])
        assert len(intent["examples"]) >= (60 if intent["name"] == "unknown" else 25), intent["name"]
    assert len({intent["name"] for intent in INTENTS}) == len(INTENTS)
    assert 5 <= len({intent["category"] for intent in INTENTS} - {"other"}) <= 15


def test_security_disputes_and_legal_matters_always_go_to_people() -> None:
    always = set(Rules().always_escalate)
    assert always == {"account_security", "billing_dispute", "legal_threat"}
    assert always <= {intent["name"] for intent in INTENTS}


def test_no_example_stands_twice_and_none_names_a_demo_company() -> None:
    examples = [example for intent in INTENTS for example in intent["examples"]]
    counts = Counter(re.sub(r"\W+", " ", example.lower()).strip() for example in examples)
    assert [example for example, count in counts.items() if count > 1] == []
    assert [example for example in examples if re.search(r"acme|rival coffee|trailmates", example, re.I)] == []


def test_examples_of_one_intent_are_not_near_copies() -> None:
    def words(text: str) -> frozenset[str]:
        return frozenset(re.findall(r"\w+", text.lower()))

    for intent in INTENTS:
        long_ones = [words(example) for example in intent["examples"] if len(words(example)) >= 5]
        for one, other in combinations(long_ones, 2):
            assert len(one & other) / len(one | other) < 0.75, (intent["name"], sorted(one), sorted(other))


def test_golden_questions_are_not_training_examples() -> None:
    examples = {plain(example).strip(" .!?") for intent in INTENTS for example in intent["examples"]}
    shared = [case["id"] for case in CASES if plain(case["messages"][-1]["text"]).strip(" .!?") in examples]
    assert shared == []


def test_there_are_enough_golden_cases_of_each_group() -> None:
    groups = Counter(case["group"] for case in CASES)
    assert set(groups) == set(LEAST_CASES)
    assert {group: groups[group] for group, least in LEAST_CASES.items() if groups[group] < least} == {}
    assert len(CASES) >= 90
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_golden_case_is_well_formed(case: dict[str, Any]) -> None:
    expect = case["expect"]
    assert set(case) == {"id", "group", "messages", "expect"}
    assert expect
    assert set(expect) <= EXPECTATIONS
    assert expect.get("route", "people") in {"assist", "attempt", "people"}
    assert expect.get("outcome", "answer") in OUTCOMES
    assert expect.get("intent", "unknown") in {intent["name"] for intent in INTENTS}
    roles = [message["role"] for message in case["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    assert all(message["text"].strip() for message in case["messages"])


@pytest.mark.parametrize("case", [case for case in CASES if case["expect"].get("cites")], ids=case_id)
def test_a_cited_article_really_says_what_the_reply_must_say(case: dict[str, Any]) -> None:
    articles = [BY_ID[cited] for cited in case["expect"]["cites"]]
    assert {article.fields["audience"] for article in articles} == {"public"}
    says = [wanted.lower() for wanted in case["expect"].get("says", [])]
    assert any(all(wanted in plain(article.body) for wanted in says) for article in articles)
    forbidden = [word.lower() for word in case["expect"].get("never_says", [])]
    assert not any(word in wanted for word in forbidden for wanted in says)


@pytest.mark.parametrize("case", [case for case in CASES if case["group"] == "staff_only"], ids=case_id)
def test_a_secret_stands_in_a_closed_article_and_in_no_public_one(case: dict[str, Any]) -> None:
    closed = [plain(article.body) for article in ACME if article.fields["audience"] != "public"]
    public = [plain(article.body) for article in ACME if article.fields["audience"] == "public"]
    for secret in case["expect"]["never_says"]:
        assert any(secret.lower() in body for body in closed), secret
        assert not any(secret.lower() in body for body in public), secret


@pytest.mark.parametrize("case", [case for case in CASES if "outcome" in case["expect"]], ids=case_id)
def test_outcome_and_the_other_expectations_agree(case: dict[str, Any]) -> None:
    expect = case["expect"]
    if expect["outcome"] == "handover":
        assert (expect["escalated"], expect["route"]) == (True, "people")
    if expect["outcome"] == "no_answer":
        assert expect["cites"] == []
    if case["group"] in {"answerable", "follow_up"}:
        assert expect["outcome"] == "answer"
        assert expect["cites"]
        assert expect["says"]
