"""The real site, with the stub provider for a model."""

from tests.web.sites import talking_site

__all__ = ["talking_site"]
