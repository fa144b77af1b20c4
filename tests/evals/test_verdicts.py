"""Deletions are told from small edits: the cited article of golden questions is edited, and each pair of answers is judged."""

from collections import Counter
from uuid import UUID

from tandem.answering.tools import Tools
from tandem.answering.turn import Kit, Teller, Turn
from tandem.evals import asking, turns, verdicts
from tandem.evals.verdicts import HARMS, Pair, Verdict
from tandem.knowledge import changes
from tandem.tenants.modes import FULL, Effective
from tests.knowledge.shelf import Shelf

QUESTIONS = 8
MORE = "\n\n## More help\n\nOur team is happy to help you with any other question about this."


class Drafted(Tools):
    """The product's tools, searching as if a draft were published."""

    def __init__(self, tools: Tools, release_id: UUID) -> None:
        super().__init__(tools.db, tools.models, tools.classifiers, tools.asked)
        self._release_id = release_id

    def kit(self, teller: Teller, draft: UUID | None = None, *, acts: bool = False, mode: Effective = FULL) -> Kit:
        return super().kit(teller, draft or self._release_id, acts=acts, mode=mode)


async def judged(shelf: Shelf, question: str, live: Turn, name: str, text: str) -> Verdict:
    """What becomes of the question when the document says this."""
    release = await shelf.draft()
    await shelf.write(name, text, release)
    drafted = await asking.ask(Drafted(shelf.tools, release), shelf.tenant_id, question)
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        before = await changes.texts_before(tx, release)
    return verdicts.verdict(Pair(live, drafted), before)


async def test_taking_the_proof_away_is_harm_and_a_small_edit_is_none(shelf: Shelf) -> None:
    asked = [case.messages[-1]["text"] for case in turns.load() if case.group == "answerable"]
    deleted, edited = Counter[Verdict](), Counter[Verdict]()
    for question in asked:
        live = await shelf.ask(question)
        cited = live.draft.citations[:1]
        if live.settled.kind != "answer" or not cited or not cited[0].passage.external_id:
            continue
        name, text = cited[0].passage.external_id, await shelf.text(cited[0].passage.external_id)
        if cited[0].quote not in text:
            continue
        deleted[await judged(shelf, question, live, name, text.replace(cited[0].quote, ""))] += 1
        edited[await judged(shelf, question, live, name, text + MORE)] += 1
        if deleted.total() == QUESTIONS:
            break
    assert deleted.total() == QUESTIONS
    assert sum(deleted[harm] for harm in HARMS) >= QUESTIONS - 1
    assert sum(edited[harm] for harm in HARMS) == 0


async def test_the_share_of_harm_is_of_the_questions_that_are_touched() -> None:
    found = [Verdict.SAME] * 97 + [Verdict.IMPROVED, Verdict.WORSE, Verdict.NEWLY_UNANSWERED]
    report = verdicts.report(found, 500, 0.02, {})
    assert (report["questions"], report["touched"], report["same"], report["worse"]) == (500, 100, 97, 1)
    assert report["worse_share"] == 0.02
    assert not verdicts.is_blocked(report), "up to the limit"
    assert verdicts.is_blocked(verdicts.report([*found, Verdict.WORSE], 500, 0.02, {}))
    assert not verdicts.is_blocked(verdicts.report([], 500, 0.0, {})), "what touches nothing harms nothing"
