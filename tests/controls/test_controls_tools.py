"""Handlers, and the server for staff tools, with a well-known mistake in them: their tests must notice each."""

import re
from typing import Any

import pytest

from tandem.actions import definition
from tandem.actions.handlers import jsonrpc, layout, mcp
from tandem.actions.importing import openapi
from tandem.web.api import mcp as server
from tests.actions import test_importing, test_mcp
from tests.actions.documents import SHOP
from tests.cast import Cast
from tests.web import test_mcp as test_server
from tests.web.site import Site
from tests.web.sites import site

__all__ = ["site"]

RATE_LIMITS = False


def test_an_argument_that_begins_another_segment_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "NEVER", re.compile("[\x00-\x1f\x7f]"))
    with pytest.raises(pytest.fail.Exception):
        test_importing.test_an_argument_never_leaves_its_segment("../x")


def test_an_argument_of_dots_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "UPWARDS", re.compile("(?!)"))
    with pytest.raises(pytest.fail.Exception):
        test_importing.test_an_argument_never_leaves_its_segment("..")
    with pytest.raises(pytest.fail.Exception):
        test_importing.test_two_arguments_together_do_not_either()


async def test_an_error_that_is_taken_for_certain_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonrpc, "NOT_EXECUTED", jsonrpc.NOT_EXECUTED | {-32603})
    with pytest.raises(AssertionError):
        await test_mcp.test_an_error_before_it_began_is_certain_and_any_other_is_not(-32603, "unknown")


async def test_customers_who_share_a_session_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = mcp._slot
    monkeypatch.setattr(mcp, "_slot", lambda slots, key: real(slots, (*key[:2], "all")))
    with pytest.raises(AssertionError):
        await test_mcp.test_many_at_once_open_one_session_and_each_customer_has_their_own()


def test_an_import_that_is_enabled_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = definition.read

    def eager(body: dict[str, Any]) -> Any:
        return real(body | {"enabled": True})

    monkeypatch.setattr(definition, "read", eager)
    with pytest.raises(AssertionError):
        test_importing.test_nothing_is_enabled_and_only_reading_is_a_look_up(openapi.read(SHOP))


def test_tools_for_everybody_are_noticed(site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "offered", lambda _: list(server.TOOLS))
    with pytest.raises(AssertionError):
        test_server.test_tools_exist_for_whom_the_api_lets_read_the_same(site, cast)


def test_an_origin_that_nobody_checks_is_noticed(site: Site, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_check_origin", lambda *_: None)
    with pytest.raises(AssertionError):
        test_server.test_a_page_elsewhere_gets_nothing(site, cast)
