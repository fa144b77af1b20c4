"""A source is connected, what it brings is approved by a person, what cannot be read says why; viewers only look."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.stories.conftest import watched
from tests.stories.people import WAIT_MS, Member, People
from tests.stories.stage import Stage

NOTE = "# Waxing boots\n\nWe wax leather boots in every store for €11 while you wait.\n"
LATER = NOTE.replace("€11", "€13")
PAGES = ("sources", "approvals", "releases", "gaps", "recalls", "resolutions", "test")
DEEDS = re.compile(
    r"^(Connect|Read now|Pause|Delete|Approve|Reject|New release|Upload|New article|Write|Dismiss|Publish)\b"
)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder that the operator has opened for sources."""
    (tmp_path / "boots.md").write_text(NOTE)
    (tmp_path / "torn.pdf").write_bytes(b"%PDF-1.7\n" + bytes(2000))
    return tmp_path


@pytest.fixture
def readers(browser: Browser, stage: Stage, notes: Path) -> Iterator[People]:
    """The people at a site that may read the folder."""
    with stage.site(source_folders=str(notes)) as site:
        yield from watched(browser, site)


def test_a_source_brings_what_a_person_approves(readers: People, notes: Path) -> None:
    ann = readers.member(readers.site.cast.ann)
    main = ann.page.get_by_role("main")
    _connect(ann, notes)
    main.get_by_role("button", name="Read now").click()
    expect(main.get_by_role("region", name="What could not be read")).to_contain_text("torn.pdf")
    main.get_by_role("link", name="Go to approvals").click()
    torn = main.get_by_role("listitem").filter(has_text="torn.pdf")
    expect(torn).to_contain_text("damaged")
    torn.get_by_role("button", name="Reject: torn.pdf").click()
    main.get_by_role("button", name="Approve: Waxing boots").click()
    expect(main.get_by_role("heading", name="Nothing waits for approval")).to_be_visible()
    dee = readers.customer().open()
    expect(dee.ask("Do you wax leather boots?")).to_contain_text("€11")

    (notes / "boots.md").write_text(LATER)
    ann.page.goto("/app/knowledge/sources")
    main.get_by_role("button", name="Read now: Workshop notes").click()
    expect(main.get_by_text("Waiting 1")).to_be_visible(timeout=WAIT_MS)
    ann.page.get_by_role("link", name="Approvals").click()
    expect(main.get_by_text("€13")).to_be_visible()
    main.get_by_role("button", name="Reject: Waxing boots").click()
    expect(main.get_by_role("heading", name="Nothing waits for approval")).to_be_visible()
    expect(dee.ask("Do you wax leather boots?")).to_contain_text("€11")

    vi = readers.member(readers.site.cast.vi)
    for name in PAGES:
        vi.page.goto(f"/app/knowledge/{name}")
        expect(vi.page.get_by_role("heading", level=1)).to_be_visible()
        expect(vi.page.get_by_role("main").get_by_role("button", name=DEEDS)).to_have_count(0)


def _connect(ann: Member, folder: Path) -> None:
    ann.page.goto("/app/knowledge/sources")
    ann.page.get_by_role("button", name="Connect a source").click()
    ann.page.get_by_role("link", name="Folder on the server").click()
    ann.page.get_by_role("button", name="Connect and read").click()
    expect(ann.page.get_by_role("textbox", name="Name")).to_be_focused()
    ann.page.get_by_role("textbox", name="Name").fill("Workshop notes")
    ann.page.get_by_role("textbox", name="Path").fill(str(folder))
    ann.page.get_by_role("switch", name="Changes wait for approval").check()
    ann.page.get_by_role("button", name="Connect and read").click()
    expect(ann.page.get_by_role("heading", name="Workshop notes")).to_be_visible()
