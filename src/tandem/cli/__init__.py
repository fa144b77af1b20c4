"""The command line. Wiring only: each command says what it does and calls the room that does it."""

import logging
from typing import Any

import click

from tandem import settings as settings_room
from tandem.cli import actions, knowledge, measuring, serving, tenants
from tandem.errors import Problem


class Commands(click.Group):
    """Shows a Problem as its sentence, and nothing else."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(problem.detail) from problem


@click.group(cls=Commands)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Tandem: customer support that answers only what it can prove."""
    ctx.obj = settings_room.read()
    logging.basicConfig(level=ctx.obj.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("httpx", "procrastinate", "psycopg.pool"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


for command in (
    serving.run,
    serving.serve,
    serving.worker,
    serving.shop,
    serving.migrate,
    serving.demo,
    measuring.ask,
    knowledge.kb,
    actions.actions_group,
    actions.workflows_group,
    tenants.tenant_group,
    measuring.eval_group,
):
    main.add_command(command)
