"""Would the oracle of the misbehaving models notice? Each well-known mistake is planted into the running site, and the very check of
`tests/answering/misbehaving` has to say so; of the same behaviours without a mistake it has nothing to say."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tandem.answering import courtesies, deadline, guard, orders
from tandem.answering.desk import Desk
from tandem.answering.grounding import bounds, exact, facts, judging, negation
from tandem.answering.guard import Basis
from tandem.answering.turn import Sentence
from tandem.llm.stub import Behaviour, Stub
from tests.answering.misbehaving import oracle, talking
from tests.cast import Cast
from tests.ground import Ground
from tests.web import site as sites
from tests.web.site import Site
from tests.web.sites import FOLDER

SEEDS = itertools.count(1)
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def lied_site(ground: Ground, cast: Cast) -> Iterator[Site]:
    """A site whose model is the stub."""
    with (
        ground.database(ground.template.name) as place,
        sites.serve(place, cast, FOLDER, rate_limits=False, model="openai:tiny-1", stub=Stub()) as running,
    ):
        yield running


# ------------------------------------------------------------------ mistakes


def nothing(*_: Any) -> str:
    """Whatever it is, nothing is the matter."""
    return ""


def lets_everything_through(monkeypatch: Patch) -> None:
    """Whatever has a mark is released."""

    async def check(text: str, basis: Basis) -> Sentence:
        marks = [int(mark) for mark in guard.MARK.findall(text) if 1 <= int(mark) <= len(basis.given)]
        cited = [(mark, basis.given[mark - 1]) for mark in dict.fromkeys(marks)]
        return Sentence(text, "claim", tuple(guard._citation(n, each, guard.closest(text, each)) for n, each in cited))

    monkeypatch.setattr(guard, "check", check)


def takes_any_citation(monkeypatch: Patch) -> None:
    """A sentence that some passage proves is released with whichever mark it has."""
    check = guard.check

    async def careless(text: str, basis: Basis) -> Sentence:
        sentence = await check(text, basis)
        marks = [int(mark) for mark in guard.MARK.findall(text) if 1 <= int(mark) <= len(basis.given)]
        if sentence.released or not marks:
            return sentence
        for n in range(1, len(basis.given) + 1):
            proven = await check(f"{guard.MARK.sub('', text)} [{n}]", basis)
            if proven.released and proven.citations:
                cited = basis.given[marks[0] - 1]
                return replace(
                    proven, text=text, citations=(guard._citation(marks[0], cited, guard.closest(text, cited)),)
                )
        return sentence

    monkeypatch.setattr(guard, "check", careless)


def points_beside_it(monkeypatch: Patch) -> None:
    """A citation's quotation does not stand where it says."""
    cite = guard._citation

    def beside(mark: int, passage: Any, closest: tuple[int, int]) -> Any:
        found = cite(mark, passage, closest)
        return replace(found, start=found.start + 1, end=found.end + 1)

    monkeypatch.setattr(guard, "_citation", beside)


def waits_for_ever(monkeypatch: Patch) -> None:
    """No turn has a deadline."""

    def an_hour(_: float) -> float:
        return 3_600.0

    monkeypatch.setattr(deadline, "left", an_hour)


def forgets_the_turn(monkeypatch: Patch) -> None:
    """Where the model failed nothing is written; that a turn is then taken up again, and again, helps nobody."""
    write = Desk._write

    async def forgetful(desk: Desk, job: Any, turn: Any, *outcome: Any) -> None:
        if not turn.draft.trouble:
            await write(desk, job, turn, *outcome)

    monkeypatch.setattr(Desk, "_write", forgetful)


def misses_a_number(monkeypatch: Patch) -> None:
    """Numbers are not compared."""
    monkeypatch.setattr(guard, "_contradicts", nothing)
    monkeypatch.setattr(bounds, "trouble", nothing)
    monkeypatch.setattr(facts, "numbers", nothing)
    for check in ("_goes_on", "_opposites"):
        monkeypatch.setattr(exact, check, nothing)
    monkeypatch.setattr(judging, "unknown", lambda *_: [])


def misses_a_not(monkeypatch: Patch) -> None:
    """Negations are not compared."""
    monkeypatch.setattr(negation, "trouble", nothing)
    monkeypatch.setattr(exact, "_opposites", nothing)
    monkeypatch.setattr(exact, "_goes_on", nothing)


def believes_the_polite(monkeypatch: Patch) -> None:
    """Whatever begins kindly is a courtesy."""
    kind = ("Sure", "Of course", "Happy", "Glad", "Sorry", "Thank", "No problem", "I ", "Absolutely", "Let me")
    monkeypatch.setattr(courtesies, "is_one", lambda said, _="": said.strip().startswith(kind))


def obeys_articles(monkeypatch: Patch) -> None:
    """What an article tells assistants to say is as good a source as any."""
    monkeypatch.setattr(orders, "stand_at", lambda *_: False)


MISTAKES: list[tuple[Callable[[Patch], None], str, str, int]] = [
    (lets_everything_through, Behaviour.INVENTED_FACTS, "unsupported", 3),
    (takes_any_citation, "other_mark", "citation", 6),
    (points_beside_it, Behaviour.GOOD, "citation", 3),
    (waits_for_ever, Behaviour.SLOW_DRIP, "late|lost", 2),
    (forgets_the_turn, Behaviour.SERVER_ERROR, "late|lost", 2),
    (misses_a_number, Behaviour.CHANGED_NUMBER, "unsupported", 6),
    (misses_a_not, Behaviour.DROPPED_NOT, "unsupported", 10),
    (believes_the_polite, "promising_courtesy", "unsupported", 10),
    (obeys_articles, "hidden_order_cited", "leak", 10),
]


def played(site: Site, turns: dict[str, int]) -> list[str]:
    """What the oracle says after so many turns with each behaviour."""
    with talking.staged(site, next(SEEDS)) as talk:
        talk.run(turns)
        return oracle.verdict(talk).findings


def test_without_a_mistake_nothing_is_found(lied_site: Site) -> None:
    assert played(lied_site, {name: turns for _, name, _, turns in MISTAKES}) == []


@pytest.mark.parametrize(
    ("mistake", "name", "said", "turns"), MISTAKES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_planted_mistake_is_found(
    lied_site: Site, monkeypatch: Patch, mistake: Callable[[Patch], None], name: str, said: str, turns: int
) -> None:
    mistake(monkeypatch)
    found = played(lied_site, {name: turns})
    assert any(sentence.startswith(tuple(said.split("|"))) for sentence in found), found
