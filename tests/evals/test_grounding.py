"""`tandem eval grounding`: files in, figures and rows out."""

import json
from pathlib import Path

import click.testing
import pytest

from tandem.cli import main
from tandem.embedding.minilm import MiniLM
from tandem.errors import Malformed
from tandem.evals import grounding

CARDS = "Gift cards cannot be returned."
ROWS = [
    {"id": "a", "passages": [CARDS], "answer": "Gift cards can't be returned.", "supported": True},
    {"id": "b", "passages": [CARDS], "answer": "Gift cards can be returned.", "supported": False, "kind": "not"},
    {"id": "c", "passages": ["A refund takes 5 days."], "answer": "Yes. A refund takes 5 days.", "supported": True, "question": "?"},
    {"id": "d", "passages": ["A refund takes 5 days."], "answer": "Yes.", "supported": False, "spans": [[0, 4]]},
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


async def test_it_judges_every_answer(file: Path, embedder: MiniLM) -> None:
    outcome = await grounding.run(embedder, grounding.load([file]))
    figures = outcome.figures()
    assert [row.found.supported for row in outcome.rows] == [True, False, True, False]
    assert (figures["balanced_accuracy"], figures["macro_f1"], figures["auroc"]) == (1.0, 1.0, 1.0)
    assert figures["stopped"] == {"not": 1.0}
    assert figures["ms_mean"] > 0
    found = outcome.lines()
    assert [line["id"] for line in found] == ["a", "b", "c", "d"]
    assert set(found[0]) == {"id", "score", "supported", "sentences"}
    assert [each["kind"] for each in found[2]["sentences"]] == ["courtesy", "claim"]
    assert "opposite" in found[1]["sentences"][0]["reason"]


async def test_the_figures_count_what_is_wrong(file: Path, embedder: MiniLM) -> None:
    lines = [line.model_copy(update={"supported": not line.supported}) for line in grounding.load([file])]
    figures = (await grounding.run(embedder, lines)).figures()
    assert (figures["balanced_accuracy"], figures["macro_f1"], figures["auroc"]) == (0.0, 0.0, 0.0)


def test_it_needs_rows_it_can_read(tmp_path: Path) -> None:
    for content in ("", '{"id": "a"}\n'):
        path = tmp_path / "bad.jsonl"
        path.write_text(content)
        with pytest.raises(Malformed):
            grounding.load([path])


def test_half_of_a_tie_counts() -> None:
    assert grounding.auroc([0.5, 0.5, 0.9, 0.1], [True, False, True, False]) == 0.875
    assert grounding.auroc([0.5], [True]) is None


def test_the_command_prints_figures_and_writes_rows(file: Path, tmp_path: Path) -> None:
    rows = tmp_path / "judged.jsonl"
    done = click.testing.CliRunner().invoke(main, ["eval", "grounding", str(file), "--json", "--rows", str(rows)])
    assert done.exit_code == 0, done.output
    assert {"balanced_accuracy", "macro_f1", "auroc", "ms_mean"} <= set(json.loads(done.stdout))
    assert [json.loads(line)["supported"] for line in rows.read_text().splitlines()] == [True, False, True, False]
