"""A CSV file of questions and answers: one document, in which each row is a section under its question.

The columns are found by their names, else the first two are taken. A table that is something else becomes a pipe table.
Whatever stands in further columns follows the answer, so that nothing of a row is lost.
"""

import csv
import re
from collections.abc import Iterator, Sequence

from tandem.knowledge.reading import compose, webpage
from tandem.knowledge.reading.compose import Block
from tandem.knowledge.reading.errors import Unreadable

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 50
MOST_FIELD = 2_000_000
QUESTION = frozenset(
    ("question", "questions", "q", "frage", "pregunta", "domanda", "vraag", "title", "titel", "prompt", "query")
)
ANSWER = frozenset(
    ("answer", "answers", "a", "antwort", "respuesta", "réponse", "risposta", "antwoord", "body", "text", "response")
)
CLOSING = re.compile(r"</(?:p|div|ul|ol|li|b|strong|em|i|a|table|span|h[1-6])\s*>|<br\s*/?>", re.I)
NOT_A_TABLE = "This CSV file has no two columns. Put questions into one and answers into another."


def read(text: str) -> str:
    """The rows as Markdown. Raises Unreadable when there is no table in the file."""
    declared = re.match(r"sep=(.)\r?\n", text)
    body = text[declared.end() :] if declared else text
    delimiter = declared[1] if declared else _delimiter(body)
    rows = [row for row in _rows(body, delimiter) if any(cell.strip() for cell in row)]
    if max(map(len, rows), default=0) < 2:
        raise Unreadable(NOT_A_TABLE)
    head = [cell.strip().lower() for cell in rows[0]]
    question = next((i for i, name in enumerate(head) if name in QUESTION), None)
    answer = next((i for i, name in enumerate(head) if name in ANSWER), None)
    if question is not None and answer is not None:
        return compose.join(_sections(rows[1:], rows[0], question, answer))
    if max(map(len, rows)) == 2:
        return compose.join(_sections(rows, ["", ""], 0, 1))
    table = compose.table([[_line(cell) for cell in row] for row in rows])
    return compose.join([table] if table else [])


def _sections(rows: Sequence[Sequence[str]], names: Sequence[str], question: int, answer: int) -> Iterator[Block]:
    for row in rows:
        asked = compose.heading(2, _line(row[question])) if question < len(row) else None
        said = list(_paragraphs(row[answer])) if answer < len(row) else []
        said += [
            Block(f"{_line(names[i])}: {_line(cell)}" if i < len(names) else _line(cell))
            for i, cell in enumerate(row)
            if i not in (question, answer) and cell.strip()
        ]
        if asked is not None and said:
            yield asked
        yield from said


def _paragraphs(cell: str) -> Iterator[Block]:
    """An answer's paragraphs; exports of help desks hold HTML."""
    if CLOSING.search(cell):
        inside = webpage.fragment(cell)
        if inside.strip():
            yield Block(inside)
        return
    for part in re.split(r"\n[ \t]*\n", cell.replace("\r\n", "\n")):
        if block := compose.paragraph(compose.literal(part)):
            yield block


def _line(cell: str) -> str:
    return " ".join(compose.literal(cell).split())


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MOST_FIELD)
    try:
        yield from csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=delimiter)
    except csv.Error:
        raise Unreadable("This CSV file is damaged: a quotation mark may be missing.") from None


def _delimiter(text: str) -> str:
    """The sign that cuts the first rows into the most even columns, two at least."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths: list[int] = []
        for row in _rows(text[:200_000], delimiter):
            if row:
                widths.append(len(row))
            if len(widths) == SAMPLE_ROWS:
                break
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(DELIMITERS, key=evenness)
