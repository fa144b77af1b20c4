"""Named queries: SQL written as SQL, in a `queries.sql` beside the code that uses it.

    -- find -> Conversation
    -- The conversation, if this tenant has it.
    select … where id = %(id)s;

The first line names the query and, after the arrow, the row it makes: the dataclass of that name in the package,
whose fields are the columns, in order (a test prepares every query and compares). The second says what it is for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

HEAD = re.compile(r"^-- (\w+)(?: -> (\w+))?\n-- (.+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One named statement. `row` is the name of the dataclass it fills, or None."""

    name: str
    row: str | None
    purpose: str
    sql: bytes


class Queries:
    """The queries of one package, as attributes."""

    def __init__(self, package: str, file: str = "queries.sql") -> None:
        self.package = package
        self._found = {
            query.name: query for query in _parse(resources.files(package).joinpath(file).read_text("utf-8"))
        }

    def __getattr__(self, name: str) -> Query:
        try:
            return self._found[name]
        except KeyError:
            raise AttributeError(f"{self.package} has no query named {name}") from None

    def __iter__(self) -> Iterator[Query]:
        return iter(self._found.values())


def _parse(text: str) -> Iterator[Query]:
    heads = list(HEAD.finditer(text))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end() : following.start() if following else len(text)]
        body = body.split("\n-- ----")[0].strip().rstrip(";")  # a ruled line begins the next section
        yield Query(head[1], head[2], head[3], body.encode())
