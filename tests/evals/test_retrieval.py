"""Search measured on a corpus: the figures by hand, the product's own way, and files that are refused by their line."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tandem import cli
from tandem.db import Database
from tandem.embedding.minilm import MiniLM
from tandem.errors import Malformed
from tandem.evals import retrieval
from tandem.evals.retrieval import Entry, Outcome, Query, Row, Stage
from tests import library
from tests.cast import Cast

CORPUS = [
    Entry(id="kiln", title="Firing a kiln", text="Heat the kiln slowly to 950 degrees. Let it cool for a whole day."),
    Entry(id="glaze", title="Glazes", text="Stir the glaze before use. A glaze with lead is not for plates."),
    Entry(id="clay", title="Keeping clay", text="Wrap clay in plastic. Dry clay softens in water within two days."),
    Entry(id="wheel", title="The wheel", text="Centre the clay on the wheel before you open it. Keep your hands wet."),
]


def row(ranked: str, *relevant: str, quality: float = 0.5, answerable: bool | None = None, ms: float = 1.0) -> Row:
    """What might have come of a question; a letter a document."""
    query = Query(id="q", text="?", relevant=list(relevant), answerable=answerable)
    return Row(query, tuple(ranked), quality, ms)


def test_the_figures_by_hand() -> None:
    outcome = Outcome((row("abcdef", "a", "f"), row("abcdef", "b"), row("abcdef", "x"), row("ab")), Stage.FUSED)
    figures = outcome.figures()
    assert (figures["stage"], figures["queries"], figures["judged"]) == ("fused", 4, 3)
    assert figures["recall@1"] == round(0.5 / 3, 4)
    assert figures["recall@5"] == 0.5
    assert figures["recall@10"] == round(2 / 3, 4)
    assert figures["mrr@10"] == 0.5
    first = (1 + 1 / math.log2(7)) / (1 + 1 / math.log2(3))
    assert figures["ndcg@10"] == round((first + 1 / math.log2(3)) / 3, 4)
    assert figures["quality_auroc"] is None, "nothing is known to be answerable or not"


def test_what_stands_below_the_tenth_place_is_not_found() -> None:
    figures = Outcome((row("abcdefghijk", "k"),), Stage.RERANKED).figures()
    assert (figures["mrr@10"], figures["ndcg@10"], figures["recall@20"]) == (0.0, 0.0, 1.0)


def test_the_area_counts_pairs_and_a_tie_by_half() -> None:
    yes = [row("", quality=q, answerable=True) for q in (0.9, 0.5)]
    no = [row("", quality=q, answerable=False) for q in (0.5, 0.1)]
    between = row("", quality=1.0, answerable=None)
    assert Outcome((*yes, *no, between), Stage.RERANKED).figures()["quality_auroc"] == 3.5 / 4


def test_without_questions_there_are_no_figures() -> None:
    figures = Outcome((), Stage.TEXT).figures()
    assert figures["recall@5"] is figures["mrr@10"] is None
    assert "recall@5       -" in Outcome((), Stage.TEXT).table()


async def test_a_question_finds_its_document_at_every_stage_and_in_its_conversation(
    db: Database, cast: Cast, embedder: MiniLM
) -> None:
    models = library.together(embedder)
    await retrieval.fill(db, models, cast.acme.id, CORPUS)
    history = [{"role": "user", "text": "How hot must the kiln be?"}, {"role": "assistant", "text": "950 degrees."}]
    asked = [
        Query.model_validate(
            {"id": "1", "text": "How hot must the kiln be?", "relevant": ["kiln"], "answerable": True}
        ),
        Query.model_validate(
            {"id": "2", "text": "and how long does it cool?", "relevant": ["kiln"], "history": history}
        ),
        Query.model_validate({"id": "3", "text": "Who won the election in Peru?", "answerable": False}),
    ]
    for stage in Stage:
        found = await retrieval.ask(db, models, cast.acme.id, asked, stage)
        assert [row.ranked[0] for row in found.rows[:2]] == ["kiln", "kiln"], stage
        assert found.figures()["mrr@10"] == 1.0
    found = await retrieval.ask(db, models, cast.acme.id, asked)
    assert found.figures()["quality_auroc"] == 1.0
    assert found.rows[0].quality > 0.5 > found.rows[2].quality
    assert found.lines()[0] == {"id": "1", "ranked": found.rows[0].ranked, "quality": round(found.rows[0].quality, 4)}


def written(folder: Path, name: str, *lines: object) -> Path:
    """A file of lines; what is no string is written as JSON."""
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


DOCUMENT: dict[str, Any] = {"id": "a", "title": "A", "text": "Wheels\u2028and clay.", "url": "ignored"}


def test_files_are_read_line_by_line(tmp_path: Path) -> None:
    corpus = written(
        tmp_path, "corpus.jsonl", DOCUMENT, "", json.dumps({"id": 7, "text": "x\u2028y"}, ensure_ascii=False)
    )
    queries = written(tmp_path, "queries.jsonl", {"id": "q", "text": "?", "relevant": [7]})
    entries, asked = retrieval.load([corpus], [queries])
    assert [entry.id for entry in entries] == ["a", "7"]
    assert asked[0].relevant == ["7"]


BAD = [
    ({"id": "b"}, {"id": "q", "text": "?"}, "corpus.jsonl, line 2: text: Field required"),
    ("{", {"id": "q", "text": "?"}, "corpus.jsonl, line 2: Invalid JSON"),
    ({"id": "a", "text": "again"}, {"id": "q", "text": "?"}, "corpus.jsonl, line 2: the id 'a' is taken"),
    ("", {"id": "q", "text": "?", "relevant": ["z"]}, "queries.jsonl, line 1: the corpus has no document 'z'"),
    ("", {"id": "q", "text": "?", "history": [{"role": "user"}]}, "queries.jsonl, line 1: history.0.text: Field"),
    ("", {"id": "q", "text": "?", "answerable": "perhaps"}, "queries.jsonl, line 1: answerable"),
]


@pytest.mark.parametrize(("document", "query", "said"), BAD)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, document: object, query: object, said: str) -> None:
    corpus = written(tmp_path, "corpus.jsonl", DOCUMENT, document)
    with pytest.raises(Malformed) as refused:
        retrieval.load([corpus], [written(tmp_path, "queries.jsonl", query)])
    assert said in refused.value.detail


def test_a_file_that_is_no_text_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_bytes(b'{"id": "a", "text": "\xff"}\n')
    with pytest.raises(Malformed, match=r"corpus\.jsonl, line 1"):
        retrieval.load([path], [])


def test_the_command_says_what_is_wrong_before_it_begins(tmp_path: Path) -> None:
    corpus, queries = written(tmp_path, "corpus.jsonl", DOCUMENT), written(tmp_path, "queries.jsonl", {"id": "q"})
    result = CliRunner().invoke(cli.main, ["eval", "retrieval", "--corpus", str(corpus), "--queries", str(queries)])
    assert (result.exit_code, result.output) == (1, "Error: queries.jsonl, line 1: text: Field required\n")
