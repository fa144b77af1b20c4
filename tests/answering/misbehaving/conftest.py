"""The site, for the suite of misbehaving models."""

from tests.web.sites import talking_site

__all__ = ["talking_site"]
