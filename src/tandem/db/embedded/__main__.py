"""`python -m tandem.db.embedded --data DIR`: be the supervisor of the PostgreSQL in that folder.

With `--detach` the supervisor goes on by itself and the command returns as soon as the server answers.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click

from tandem.db.embedded import places
from tandem.db.embedded.failure import NoServer
from tandem.db.embedded.supervisor import supervise

READY = "ready"
LARGEST_LOG = 20 * 2**20  # bytes; a longer log becomes postgres.log.1 at the next start


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The data folder.")
@click.option("--major", default=18, show_default=True, help="The PostgreSQL version, 18 or 16.")
@click.option("--linger", default=10.0, show_default=True, help="Seconds without a user before it stops.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A PostgreSQL setting.")
@click.option("--detach", is_flag=True, help="Go on in the background and return when the server answers.")
def main(data: Path, major: int, linger: float, settings: tuple[str, ...], detach: bool) -> None:
    """Keep the embedded PostgreSQL of one data folder running while somebody uses it."""
    chosen = dict(setting.split("=", 1) for setting in settings)

    def be_it(ready: Callable[[], None]) -> None:
        supervise(data, major=major, linger=linger, settings=chosen, ready=ready)

    try:
        if detach:
            _go_on_alone(places.of(data).log, be_it)
        else:
            be_it(lambda: None)
    except NoServer as failure:
        sys.exit(failure.detail)


def _go_on_alone(log: Path, be_it: Callable[[Callable[[], None]], None]) -> None:
    """Run `be_it` in a process that outlives us; returns when it is ready, raises `NoServer` when it fails."""
    told, tell = os.pipe()
    if os.fork() != 0:
        os.close(tell)
        with os.fdopen(told) as answer:
            said = answer.read()
        if said != READY:
            raise NoServer(said or f"PostgreSQL's supervisor has failed; see {log}.")
        return
    os.close(told)
    _say_everything_into(log)
    with os.fdopen(tell, "w") as launcher:
        try:
            be_it(lambda: _answer(launcher, READY))
            _answer(launcher, READY)  # there was a supervisor already
        except NoServer as failure:
            print(failure.detail, file=sys.stderr, flush=True)
            _answer(launcher, failure.detail)


def _answer(launcher: TextIO, text: str) -> None:
    if not launcher.closed:
        launcher.write(text)
        launcher.close()


def _say_everything_into(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.rename(log.with_name(log.name + ".1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


if __name__ == "__main__":
    main()
