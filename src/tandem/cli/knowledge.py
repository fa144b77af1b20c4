"""The knowledge, from the command line."""

from pathlib import Path
from typing import Any

import click

from tandem.cli import reaching
from tandem.settings import Settings


@click.group()
def kb() -> None:
    """Knowledge."""


@kb.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--tenant", default="acme", help="A demo tenant's name or a tenant's id.")
@click.pass_obj
def kb_import(settings: Settings, path: Path, tenant: str) -> None:
    """Add or renew every Markdown, text, HTML, PDF, DOCX and CSV file of a folder."""
    from tandem.knowledge import folder

    async def work(db: Any, queue: Any) -> None:
        outcome = await folder.import_folder(db, queue, reaching.tenant_of(settings, tenant), path)
        click.echo(f"{outcome.added} added or changed, {outcome.unchanged} unchanged, {len(outcome.failed)} refused.")
        for name, reason in outcome.failed:
            click.echo(f"  {name}: {reason}")

    reaching.with_queue(settings, work)


@kb.command("sync")
@click.argument("name", required=False)
@click.option("--tenant", default="acme", help="A demo tenant's name or a tenant's id.")
@click.option("--removals", is_flag=True, help="More than half of a source's documents may be removed.")
@click.pass_obj
def kb_sync(settings: Settings, name: str | None, tenant: str, removals: bool) -> None:
    """Promise a run of one source, or of all that are not paused; the worker does it."""
    from tandem.knowledge.sources import sources

    async def work(db: Any, queue: Any) -> None:
        async with db.tenant(reaching.tenant_of(settings, tenant)) as tx:
            chosen = [await sources.named(tx, name)] if name else await sources.statuses(tx)
            for source in chosen:
                if name or not source.paused:
                    await sources.ask(tx, queue, source, removals=removals)
                click.echo(f"{source.name}: {'paused' if source.paused and not name else 'promised'}")
        if not chosen:
            click.echo("There are no sources.")

    reaching.with_queue(settings, work)
