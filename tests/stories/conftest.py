"""Fixtures for whole journeys: one browser a process, a furnished site and its people for every test.

Playwright keeps an event loop running in the thread it was started in, where no async test could run any more:
so stories run from set-up to tear-down in a thread of their own.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.cast import Cast
from tests.ground import Ground
from tests.stories import stage as stages
from tests.stories.people import People
from tests.stories.stage import Stage
from tests.web.site import Site

SHELL = Path("/usr/bin/chromium-headless-shell")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

STORY_S = 300
"""Far more than any story takes; the rest of the run ends with one that goes beyond."""

HERE = Path(__file__).parent
THREAD = ThreadPoolExecutor(1, "stories")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Signals, by which pytest-timeout ends a test, reach the main thread only."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(STORY_S, method="thread", func_only=True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Stories run in their thread; everything else as always."""
    if HERE not in item.path.parents:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    THREAD.submit(runtestprotocol, item, nextitem=nextitem).result()
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one of this process."""
    playwright, browser = _launch()
    yield browser
    _in_thread(browser.close)
    _in_thread(playwright.stop)


@pytest.fixture(scope="session")
def stage(ground: Ground, cast: Cast) -> Stage:
    """The furnished database and the demo's papers, made once a run."""
    return stages.build(ground, cast)


@pytest.fixture
def site(stage: Stage) -> Iterator[Site]:
    """A site without a model on a database of its own, where the demo's articles answer."""
    with stage.site() as running:
        yield running


@pytest.fixture
def talking_site(stage: Stage) -> Iterator[Site]:
    """The same with the stub provider for a model, which writes at once."""
    with stage.talking_site() as running:
        yield running


@pytest.fixture
def people(browser: Browser, site: Site) -> Iterator[People]:
    """The people at the site. Whatever their windows reported that no page may do fails the test."""
    yield from watched(browser, site)


@pytest.fixture
def talking_people(browser: Browser, talking_site: Site) -> Iterator[People]:
    """The people at the site with a model."""
    yield from watched(browser, talking_site)


def watched(browser: Browser, site: Site) -> Iterator[People]:
    """The people of one story; at its end nothing may have been seen."""
    people = People(browser, site)
    yield people
    people.leave()
    assert people.seen == []


def _in_thread(work: Callable[[], None]) -> None:
    """A session's fixtures end in whichever thread the last test ran in."""
    work() if threading.current_thread().name.startswith("stories") else THREAD.submit(work).result()


def launch(playwright: Playwright) -> Browser:
    """Playwright's own browser where it is installed, else Debian's: the headless shell, or a whole Chromium.

    A whole Chromium furnishes a window for every context: one costs a core 0.9 s, where the shell takes 0.15 s.
    """
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.launch(args=list(FLAGS))
    return playwright.chromium.launch(executable_path=SHELL if SHELL.exists() else CHROMIUM, args=list(FLAGS))


def _launch() -> tuple[Playwright, Browser]:
    playwright = sync_playwright().start()
    return playwright, launch(playwright)
