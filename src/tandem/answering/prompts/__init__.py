"""What a model is told: files with `{name}` places, filled in literally. No template language runs here.

A version is the hash of the file: it stands in every turn's record.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Text:
    """One prompt file."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """Changes whenever a word of it does."""
        return f"{self.name}:{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"

    def filled(self, **values: str) -> str:
        """The text with every place filled in. What stands in a value is never looked at again."""
        return PLACE.sub(lambda match: values[match[1]], self.text)


@cache
def load(name: str) -> Text:
    """The prompt of this name."""
    return Text(name, resources.files("tandem.answering.prompts").joinpath(f"{name}.md").read_text("utf-8"))
