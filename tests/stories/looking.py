"""Looking at a page in light, dark and narrow: it fits, and axe has nothing against it. With TANDEM_PICTURES, pictures of it."""

import os
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.stories import axe

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1440, "height": 900}
PICTURES = os.environ.get("TANDEM_PICTURES")


def look(page: Page, name: str) -> None:
    """The page as it stands, in every light and width; afterwards it is light and wide."""
    page.set_viewport_size(WIDE)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe.violations(page) == [], f"{name}, {scheme}"
        _picture(page, f"{name}-{scheme}")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    assert axe.violations(page) == [], f"{name}, narrow"
    _picture(page, f"{name}-narrow")
    page.set_viewport_size(WIDE)


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
