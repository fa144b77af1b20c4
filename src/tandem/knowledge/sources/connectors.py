"""The kinds of source, each with the settings that it takes: one visible list."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pydantic

from tandem.errors import Malformed
from tandem.ids import TenantId
from tandem.knowledge.sources import confluence, folder, git, notion, site, sitemap, sources, zendesk
from tandem.knowledge.sources.listing import Connector, Reach
from tandem.knowledge.sources.sources import Kind, Source
from tandem.outgoing import Client, Patient, read_allowed
from tandem.settings import Settings
from tandem.tenants.sealing import Sealer

Make = Callable[[Any, Reach], Connector]

KINDS: dict[Kind, tuple[type[pydantic.BaseModel], Make]] = {
    Kind.SITE: (site.Settings, site.Site),
    Kind.SITEMAP: (sitemap.Settings, sitemap.Sitemap),
    Kind.ZENDESK: (zendesk.Settings, zendesk.Zendesk),
    Kind.CONFLUENCE: (confluence.Settings, confluence.Confluence),
    Kind.NOTION: (notion.Settings, notion.Notion),
    Kind.GIT: (git.Settings, git.Git),
    Kind.FOLDER: (folder.Settings, folder.Folder),
}


def check(kind: Kind, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings in full. Raises Malformed, naming the fields that this kind does not take."""
    try:
        return KINDS[kind][0].model_validate(settings).model_dump()
    except pydantic.ValidationError as problem:
        errors = [
            {
                "field": ".".join(("settings", *map(str, error["loc"]))),
                "message": error["msg"].removeprefix("Value error, "),
            }
            for error in problem.errors()
        ]
        raise Malformed(
            "The settings are malformed: " + "; ".join(f"{e['field']}: {e['message']}" for e in errors[:5]),
            errors=errors,
        ) from problem


def opener(settings: Settings, sealer: Sealer) -> Callable[[TenantId, Source], AbstractAsyncContextManager[Connector]]:
    """What opens a source's connector, with all that the operator allows it."""
    allowed = read_allowed(settings.outgoing_allow)
    folders = tuple(Path(part.strip()) for part in settings.source_folders.split(",") if part.strip())

    @asynccontextmanager
    async def open(tenant_id: TenantId, source: Source) -> AsyncIterator[Connector]:
        model, make = KINDS[source.kind]
        secret = sources.unseal(sealer, tenant_id, source)
        with tempfile.TemporaryDirectory(prefix="tandem-source-", ignore_cleanup_errors=True) as room:
            async with Client(allowed) as client:
                reach = Reach(Patient(client), Path(room), secret, folders)
                yield make(model.model_validate(source.settings), reach)

    return open
