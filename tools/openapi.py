"""`.venv/bin/python -m tools.openapi` writes the API's contract for the pages: web/src/app/api/openapi.json.

Asks the app itself, which needs no database for that. The only tool that runs inside the environment.
"""

import json
from pathlib import Path

from tandem import app
from tandem.db.place import Place
from tandem.settings import Settings

CONTRACT = Path(__file__).parents[1] / "web" / "src" / "app" / "api" / "openapi.json"


def contract() -> str:
    """The document as it is committed: sorted, so that it changes only where the API does."""
    return json.dumps(app.create(Settings(), Place("", False)).openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    CONTRACT.write_text(contract())
