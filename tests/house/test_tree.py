"""The house's own rules about its tree: names, docstrings, layers, and nothing that only one machine has."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "tandem"

EMPTY_WORDS = {"service", "services", "manager", "managers", "util", "utils", "helper", "helpers", "common", "base"}
"""They say that something is there, and not what."""

SOMEBODYS_MACHINE = re.compile(r"(?<![\w.:])/(?:root|work|home/\w+|Users/\w+|tmp/plan)/")


def tracked(*endings: str) -> list[Path]:
    """The files of the tree that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name.endswith(endings) and (ROOT / name).is_file()]


def modules() -> list[Path]:
    return [*sorted(SRC.rglob("*.py")), *(p for p in tracked(".py") if not p.is_relative_to(SRC))]


def test_there_is_a_tree_to_look_at() -> None:
    assert len(modules()) > 100


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = [*SRC.rglob("*.py"), *SRC.rglob("*.sql"), *tracked(".py", ".sql", ".ts", ".tsx")]
    assert [path for path in named if EMPTY_WORDS & set(re.split(r"[^a-z]+", path.stem.lower()))] == []


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in modules() if not ast.get_docstring(ast.parse(path.read_text())) and path.stat().st_size]
    assert silent == []


def test_nothing_names_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked(".py", ".sql", ".toml", ".md", ".ts", ".tsx", ".json", ".lock", "Makefile", ".css", ".html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if SOMEBODYS_MACHINE.search(line) and path != Path(__file__)
    ]
    assert found == []


def test_the_layers_are_written_down_for_every_package() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    named = {name for layer in layers["layers"] for name in re.findall(r"\w+", layer)}
    there = {path.stem for path in SRC.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - named - {"__init__", "__main__"} == set()
    assert layers["exhaustive"]


def test_imports_go_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("kind", ["todo", "fixme", "xxx", "hack"])
def test_nothing_is_left_for_later(kind: str) -> None:
    word = re.compile(rf"(?:#|--|//|/\*)\s*{kind}\b", re.IGNORECASE)
    files = [path for path in tracked(".py", ".sql", ".ts", ".tsx", ".css") if path != Path(__file__)]
    assert [path for path in files if word.search(path.read_text())] == []
