"""The site, for tests of its edge."""

from tests.web.sites import site, talking_site

__all__ = ["site", "talking_site"]
