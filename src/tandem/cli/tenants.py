"""Companies, from the command line."""

import json
from typing import Any

import click

from tandem.cli import reaching
from tandem.settings import Settings


@click.group("tenant")
def tenant_group() -> None:
    """Tenants."""


@tenant_group.command("create")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--admin-email", default=None, help="The first admin's log-in.")
@click.pass_obj
def tenant_create(settings: Settings, name: str, as_json: bool, admin_email: str | None) -> None:
    """A new tenant, with its first key and admin. What is printed is shown this once."""
    from tandem import ids
    from tandem.tenants import companies
    from tandem.tenants.sealing import open_sealer

    async def work(db: Any, queue: Any) -> companies.Created:
        return await companies.create(db, open_sealer(settings), name, admin_email=admin_email)

    made = reaching.with_queue(settings, work)
    shown = {
        "tenant_id": ids.show("tnt", made.tenant_id),
        "api_key": made.api_key,
        "widget_key": made.widget_key,
        "identity_secret": made.identity_secret,
        "admin_login": {"email": made.admin_email, "password": made.admin_password},
    }
    if as_json:
        click.echo(json.dumps(shown))
    else:
        for key, value in shown.items():
            click.echo(f"{key:16} {value if isinstance(value, str) else value['email'] + '  ' + value['password']}")
