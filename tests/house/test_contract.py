"""The contract that the pages are built against is the one that the app keeps."""

from tools import openapi


def test_the_committed_contract_is_the_app_s_own() -> None:
    assert openapi.CONTRACT.read_text() == openapi.contract(), "run: .venv/bin/python -m tools.openapi && npm run types"
