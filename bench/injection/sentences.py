"""The training sentences, unfolded: each line of the two lists stands for many."""

import ast
import itertools
import random
import re
import sysconfig
from importlib import resources
from pathlib import Path

from tandem.intents import starter

HERE = Path(__file__).parent
FROM_A_LINE = 14
"""Sentences drawn of one line's many, so that no line outweighs the others."""


def families(name: str) -> dict[str, list[tuple[str, int]]]:
    """Sentences by family, each with the number of its line."""
    found: dict[str, list[tuple[str, int]]] = {}
    family = ""
    for number, line in enumerate((HERE / name).read_text().splitlines()):
        if line.startswith("## "):
            family = line[3:]
        elif line.strip() and not line.startswith("#"):
            found.setdefault(family, []).extend((text, number) for text in unfolded(line, number))
    return found


def unfolded(line: str, seed: int) -> list[str]:
    """Up to FROM_A_LINE of the sentences that a line stands for."""
    chance = random.Random(seed)
    parts = [part[1:-1].split("|") if part.startswith("{") and "|" in part else [part] for part in _parts(line)]
    drawn = {
        re.sub(r"\s+", " ", "".join(chance.choice(part) for part in parts)).strip() for _ in range(4 * FROM_A_LINE)
    }
    return [
        _varied(text, chance) for text in itertools.islice(sorted(drawn, key=lambda t: chance.random()), FROM_A_LINE)
    ]


def _parts(line: str) -> list[str]:
    """The line cut at its alternatives; a brace that is part of the text stays text."""
    return [part for part in re.split(r"(\{[^{}]*\|[^{}]*\})", line) if part]


def _varied(text: str, chance: random.Random) -> str:
    """As people type: now and then all small, without the stop at the end."""
    if chance.random() < 0.25:
        text = text.lower()
    return text.rstrip(".!") if chance.random() < 0.3 else text


def starters() -> list[str]:
    """What customers write, of the starter set of intents."""
    return [example.text for example in starter.load().examples]


MODULES = (
    "argparse asyncio/events collections/__init__ calendar configparser csv datetime decimal email/message "
    "fractions functools gettext http/client http/cookiejar imaplib inspect json/__init__ logging/__init__ mailbox "
    "optparse pathlib pdb random shutil smtplib socketserver sqlite3/dbapi2 statistics string subprocess tarfile "
    "textwrap threading turtle typing unittest/case urllib/request uuid zipfile "
).split()


def prose() -> list[str]:
    """Sentences that instruct and describe and attack nobody: docstrings of Python's library (PSF licence), scikit-learn's
    descriptions of data (BSD), and the demo's own articles. They are learned from where they are; none of them is copied."""
    library = Path(sysconfig.get_paths()["stdlib"])
    texts = []
    for name in MODULES:
        tree = ast.parse((library / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node)):
                texts.append(text)
    described = resources.files("sklearn.datasets.descr")
    texts += [each.read_text() for each in described.iterdir() if each.name.endswith(".rst")]
    articles = resources.files("tandem.demo") / "articles"
    texts += [each.read_text() for each in articles.iterdir() if each.name.endswith(".md")]
    return [part for text in texts for part in re.split(r"\n\s*\n", text) if 40 <= len(part) <= 800]
