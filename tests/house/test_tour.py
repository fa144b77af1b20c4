"""The tour and the code agree: every file it leads to is there, and every room of the house is on the way."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "docs/tour.md").read_text("utf-8")


def test_every_file_of_the_tour_is_there() -> None:
    named = re.findall(r"`((?:src|web|tests|docs)/[^`\s]+)`", TOUR)
    assert len(named) > 30
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_room_is_on_the_way() -> None:
    rooms = {path.name for path in (ROOT / "src/tandem").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    rooms -= {"channels"}
    assert rooms, "the house has rooms"
    assert not [room for room in rooms if f"/{room}" not in TOUR and room not in TOUR.split("## The house")[1]]


def test_every_step_of_the_pipeline_is_explained() -> None:
    pipeline = (ROOT / "src/tandem/answering/pipeline.py").read_text("utf-8")
    steps = re.findall(r'_step\("(\w+)"', pipeline)
    assert steps == ["classify", "route", "retrieve", "act", "draft", "decide"]
    assert not [step for step in [*steps, "guard"] if f"| {step} |" not in TOUR]


def test_every_decision_has_a_sentence_to_quote() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert pages
    assert not [page.name for page in pages if not re.search(r"^> .+", page.read_text("utf-8"), re.M)]
