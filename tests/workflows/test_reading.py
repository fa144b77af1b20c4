"""Documents as people write them: mistakes by line, and nothing that is more than plain values."""

import pytest

from tandem.errors import Malformed
from tandem.workflows import reading
from tandem.workflows.reading import MOST_CHARS

GOOD = """\
name: greet
title: Greeting
intents: [order_status]
slots:
  country:
    ask: Which country?
    kind: choice
    choices: [NO, on, "2026-11-20"]
steps:
  - ask: country
  - look_up: get_order
    with: {order_id: "{country}", deep: [1, 2.5, true, null, {a: "x{country}y"}]}
    as: order
    missing: Nothing there.
  - branch:
      - if: {path: order.status, is: sent}
        then: It is sent.
      - else: [{hand_over: Look at it}]
"""


def errors(source: str) -> list[tuple[int, str, str]]:
    with pytest.raises(Malformed) as refused:
        reading.read(source)
    return [(each["line"], each["field"], each["message"]) for each in refused.value.extra["errors"]]


def test_values_are_what_they_look_like() -> None:
    workflow = reading.read(GOOD)
    assert [choice.value for choice in workflow.slots["country"].choices] == ["NO", "on", "2026-11-20"]
    step = workflow.steps[1]
    assert step.arguments == {"order_id": "{country}", "deep": [1, 2.5, True, None, {"a": "x{country}y"}]}
    assert step.missing is not None
    assert step.missing[0].reply == "Nothing there."
    assert [address for address, _ in workflow.walk()] == [(0,), (1,), (2,), (2, 1, 0), (2, 0, 0), (1, "missing", 0)]
    assert workflow.after((2, 0, 0)) is None
    assert workflow.after((1,)) == (2,)
    assert workflow.after((1, "missing", 0)) is None
    assert reading.stored(reading.body_of(workflow)) == workflow


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("- ask: country\n", "- {ask: country, reply: x}\n", 10, "a step is exactly one of"),
        ("ask: country\n", "ask: land\n", 1, "step 1: there is no slot named 'land'"),
        ("- look_up: get_order", "- look_at: get_order", 11, "there is nothing of this name here"),
        ("path: order.status", "path: parcel.status", 1, "step 3: nothing is known as 'parcel.status'"),
        ("is: sent", "looks_like: sent", 16, "there is nothing of this name here"),
        ("is: sent", "is: sent, above: 3", 16, "a condition is a `path` with one of"),
        ("as: order", "as: country", 1, "'country' names two things"),
        ("[{hand_over: Look at it}]", "[{hand_over: Look}, {reply: more}]", 1, "nothing follows propose"),
        ("[{hand_over: Look at it}]", "[{again: order}]", 1, "there is no slot named 'order'"),
        ("missing: Nothing there.", "refused: Nothing there.", 11, "`refused` does not belong to `look_up`"),
        ("It is sent.", "It is {order.status|shout}.", 1, "is no gap"),
        ("It is sent.", "It costs {order.total|money}.", 1, "is no gap"),
        ("kind: choice", "kind: text", 5, "`choices` belongs to the kind choice"),
        ("ask: Which country?", "ask: Which country?\n    from: [page]", 5, "`page` says how"),
        ("ask: Which country?", "ask: Which country?\n    ask: Which one?", 7, "'ask' stands here twice"),
        ("name: greet", "name: Greet!", 1, "String should match pattern"),
        ("title: Greeting", "title: &a Greeting", 2, "anchors and aliases"),
        ("title: Greeting", "title: !!python/object/apply:os.system [id]", 2, "tags are not taken"),
        ("title: Greeting", 'title: "Gree\\0ting"', 2, "characters that no text has"),
        ("title: Greeting", "title: [Greeting", 3, "not YAML"),
        ("title: Greeting", "title: Greeting\n---\ntitle: x", 3, "one document, not several"),
        ("title: Greeting", "? [a, b]\n: Greeting", 2, "a key is a text"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line(old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    found = errors(GOOD.replace(old, new, 1))
    assert any(message in said for _, _, said in found), found
    assert line in [at for at, _, _ in found], found


def test_what_is_no_procedure() -> None:
    for source in (
        "",
        "- a",
        "just words",
        "42",
        "\x00",
        "%YAML 9.9\n---\nname: a",
        "name: " + "x" * MOST_CHARS,
        "\t",
        "{",
        "? ",
    ):
        assert errors(source)[0][0] >= 1, source


def test_a_bomb_is_refused_at_once() -> None:
    laughs = "a: &a [x]\n" + "".join(f"a{i}: &a{i} [*a, *a, *a, *a, *a, *a, *a, *a]\n" for i in range(9))
    bombs = [laughs, "[" * 16_000, "{a: " * 8_000, "- " * 16_000, "? " * 16_000, "a: " * 10_000, "<<: {a: b}\n" * 2_000,
             "- x\n" * 8_000, "&a " * 10_000, "!!str " * 5_000, "'" * 32_000, "- |\n" * 8_000]  # fmt: skip
    for bomb in bombs:
        assert errors(bomb[:MOST_CHARS]), bomb[:20]


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|aa)+", "(?:a*)*b", "(ab){3}", "[a-z]*[a-z]*!", r"(a)\1", "(?P<x>a)(?P=x)", "(?i)a", "[", "a{0,99999999999}",
     "a" * 201, "(a|a|a)(a|a|a)(a|a|a)(a|a|a)(a|a|a)(a|a|a)(a|a|a)", "a?" * 12, "[a-z]{0,50}[a-z]{0,50}"],
)  # fmt: skip
def test_a_pattern_that_may_take_long_is_refused(pattern: str) -> None:
    source = GOOD.replace('kind: choice\n    choices: [NO, on, "2026-11-20"]', f"pattern: '{pattern}'")
    assert any("pattern" in message for _, _, message in errors(source))


def test_a_plain_pattern_is_taken() -> None:
    for pattern in (
        "(?:AO0000)?[0-9]{4}",
        "[A-Z0-9 -]{3,10}",
        r"ORD-[0-9]+",
        "(?:red|green|blue) tent",
        r"[^<>]{1,80}",
    ):
        source = GOOD.replace('kind: choice\n    choices: [NO, on, "2026-11-20"]', f"pattern: '{pattern}'")
        assert reading.read(source).slots["country"].pattern == pattern
