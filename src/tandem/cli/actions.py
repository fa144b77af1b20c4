"""The registry of actions and the workflows, from files."""

from pathlib import Path
from typing import Any

import click

from tandem.cli import reaching
from tandem.settings import Settings

AUTHOR = "command line"


@click.group("actions")
def actions_group() -> None:
    """What the assistant may look up and change."""


@actions_group.command("put")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", default="acme", help="A demo tenant's name or a tenant's id.")
@click.pass_obj
def put_actions(settings: Settings, files: tuple[Path, ...], tenant: str) -> None:
    """Put actions written as YAML or JSON into the registry, all of them or none; look-ups come first."""
    import yaml

    from tandem.actions import definition, registry
    from tandem.errors import Malformed

    try:
        found = [definition.read(yaml.safe_load(file.read_text("utf-8"))) for file in files]
    except (yaml.YAMLError, AttributeError, TypeError) as problem:
        raise Malformed(f"A file is no YAML or JSON of an action: {problem}") from problem

    async def work(db: Any, queue: Any) -> None:
        async with db.tenant(reaching.tenant_of(settings, tenant)) as tx:
            for each in sorted(found, key=lambda one: (one.kind != "look_up", bool(one.owner))):
                entry = await registry.save(tx, each, AUTHOR)
                click.echo(f"{entry.name} is at version {entry.version}, {'on' if each.enabled else 'off'}.")

    reaching.with_queue(settings, work)


@click.group("workflows")
def workflows_group() -> None:
    """Declared procedures."""


@workflows_group.command("put")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", default="acme", help="A demo tenant's name or a tenant's id.")
@click.pass_obj
def put_workflows(settings: Settings, files: tuple[Path, ...], tenant: str) -> None:
    """Put workflows written in YAML in force, all of them or none, and say what they lack."""
    from tandem.actions import registry
    from tandem.workflows import checking, reading, store

    sources = [file.read_text("utf-8") for file in files]

    async def work(db: Any, queue: Any) -> None:
        async with db.tenant(reaching.tenant_of(settings, tenant)) as tx:
            known = [entry.definition for entry in await registry.every(tx)]
            for source in sources:
                workflow = reading.read(source)
                entry = await store.save(tx, workflow, source, AUTHOR)
                click.echo(f"{entry.name} is at version {entry.version}.")
                for warning in checking.warnings(workflow, known):
                    click.echo(f"  {warning}")

    reaching.with_queue(settings, work)
