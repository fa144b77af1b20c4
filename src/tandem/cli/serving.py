"""Running Tandem: all of it in one go, or its parts."""

import asyncio
import contextlib
import ctypes
import gc
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tandem.cli import reaching
from tandem.settings import Settings

if TYPE_CHECKING:
    from tandem.demo.shop.place import Place

PR_SET_PDEATHSIG = 1

GARBAGE = 10_000
"""New objects between two looks for garbage, some turns' worth; Python's own 700 take a tenth of a turn's time."""

STEADY_S = 60.0
"""A worker or shop that lived this long is not one that keeps dying."""


@click.command()
@click.option("--host", default=None, help="Address to listen on.")
@click.option("--port", type=int, default=None, help="Port to listen on.")
@click.pass_obj
def run(settings: Settings, host: str | None, port: int | None) -> None:
    """Database, migrations, demo with its shop, site and worker in one go."""
    from tandem.db import embedded, place

    host, port = host or settings.host, port or settings.port
    _require_free(host, port)
    with place.hold(settings) as where:
        _seed_demo(settings, where, port)
        with _kept_running("worker"), _kept_running("shop"):
            _serve(settings, where, host, port, welcome=True)
    if not settings.database_url:
        embedded.stop(settings.data_dir)


@click.command()
@click.option("--host", default=None, help="Address to listen on.")
@click.option("--port", type=int, default=None, help="Port to listen on.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """The site alone."""
    from tandem.db import place

    host, port = host or settings.host, port or settings.port
    _require_free(host, port)
    with place.hold(settings) as where:
        _serve(settings, where, host, port, welcome=False)


@click.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """The worker alone: reads and embeds documents, and everything that is promised for later."""
    from tandem import worker as worker_room
    from tandem.db import place

    async def until_told() -> None:
        task = asyncio.current_task()
        assert task is not None
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
        await worker_room.run(settings, where)

    with place.hold(settings) as where:
        try:
            asyncio.run(until_told())
        except asyncio.CancelledError:
            return


@click.command()
@click.option("--port", type=int, default=None, help="Port to listen on; by default the one of the last time.")
@click.option("--faults", is_flag=True, help="Let POST /faults make it misbehave, for tests.")
@click.pass_obj
def shop(settings: Settings, port: int | None, faults: bool) -> None:
    """The demo shop's own order system alone, on loopback: what Tandem's actions in the demo talk to."""
    from tandem.demo.shop import place, server

    if port is not None:
        _require_free(place.HOST, port)
        place.move(settings.data_dir, port)
    where = _settle_shop(settings, settings.port)
    _require_free(place.HOST, where.port)
    try:
        server.serve(settings.data_dir, where, with_faults=faults)
    except place.AlreadyOpen as problem:
        raise click.ClickException(str(problem)) from problem
    except KeyboardInterrupt:
        return


@click.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to this version."""
    from tandem.db import place

    with place.hold(settings):
        click.echo("The database is up to date.")


@click.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Seed the demo tenants and print how to get in."""
    from tandem.db import place

    with place.hold(settings) as where:
        _seed_demo(settings, where, settings.port)
    _print_demo(settings, f"http://{settings.host}:{settings.port}")


def _serve(settings: Settings, where: Any, host: str, port: int, *, welcome: bool) -> None:
    import uvicorn

    from tandem import app as app_room

    _raise_file_limit()
    app = app_room.create(settings, where)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        loop="uvloop",
    )
    server = uvicorn.Server(config)
    stop = server.shutdown

    async def shutdown(sockets: list[socket.socket] | None = None) -> None:
        app.state.parts.hub.close()  # streams without an end would hold us up; their pages come back to another process
        await stop(sockets)

    server.shutdown = shutdown  # type: ignore[method-assign]
    begin = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await begin(sockets)
        _look_at_what_is_new()
        if welcome and server.started:
            _print_demo(settings, settings.public_url or f"http://{host}:{port}")

    server.startup = startup  # type: ignore[method-assign]
    signal.signal(signal.SIGTERM, _interrupt)  # once the server has stopped in order, go on to what is left to stop
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


def _look_at_what_is_new() -> None:
    """From now on the garbage collector passes over what a ready program is made of, which stays to its end, and looks less often.

    Each of its looks at everything would hold up all customers at once for some tenths of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _kept_running(name: str) -> Iterator[None]:
    """A command of ours beside the site; when it dies it is started again, when it keeps dying more and more slowly."""
    over = threading.Event()

    def keep() -> None:
        pause = 1.0
        while not over.is_set():
            began = time.monotonic()
            command = [sys.executable, "-m", "tandem.cli", name]
            process = subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)
            while process.poll() is None and not over.wait(0.2):
                pass
            if over.is_set():
                process.send_signal(signal.SIGTERM)
                _wait(process)
                return
            pause = 1.0 if time.monotonic() - began > STEADY_S else min(60.0, 2 * pause)
            logging.warning("the %s ended (%s) and is started again in %.0f s", name, process.returncode, pause)
            over.wait(pause)

    keeper = threading.Thread(target=keep, name=name)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _end_with_parent() -> None:
    """In a kept command before it begins: when `tandem run` is killed outright, Linux tells it to stop."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _seed_demo(settings: Settings, where: Any, port: int) -> None:
    from tandem.demo import seed
    from tandem.tenants.sealing import open_sealer

    _settle_shop(settings, port)  # first, for the demo's actions lead there
    if seed.load(settings.data_dir) is None:
        reaching.with_queue_at(where, lambda db, queue: seed.seed(db, queue, open_sealer(settings), settings.data_dir))


def _settle_shop(settings: Settings, port: int) -> "Place":
    """Where the demo's shop is from now on; at first next to the site, which has this port."""
    from tandem.demo.shop import place

    return place.settle(settings.data_dir, port + 1, lambda one: one != port and _is_free(one), _free_port)


def _print_demo(settings: Settings, base: str) -> None:
    from tandem.demo import seed
    from tandem.demo.shop import place
    from tandem.llm import specs

    shop = place.load(settings.data_dir)
    books = f"    Its orders    {shop.url}/\n" if shop else ""
    click.echo(
        f"\n  Tandem is ready.\n\n    Demo shop     {base}/demo   (signed in as Cy: {base}/demo?as=cy)\n"
        f"{books}    Staff app     {base}/app/\n"
    )
    for tenant in (seed.load(settings.data_dir) or {}).values():
        click.echo(f"    {tenant.name}")
        for email, password in tenant.logins.items():
            click.echo(f"      {email:22} {password}")
        click.echo(f"      chat page              {base}/chat/{tenant.widget_key}")
    names = [one.name for one in specs.chain("TANDEM_MODEL", settings.model_draft or settings.model)]
    model = ", then ".join(names) or "none: answers are exact quotations (set TANDEM_MODEL for a model)"
    click.echo(f"\n    Model         {model}\n    Stop with Ctrl-C; the data stays in {settings.data_dir}/\n")


def _require_free(host: str, port: int) -> None:
    try:
        _bind(host, port)
    except OSError as problem:
        raise click.ClickException(
            f"Port {port} on {host} cannot be used ({problem.strerror}). "
            "Choose another with --port or TANDEM_PORT, or stop what is using it."
        ) from problem


def _is_free(port: int) -> bool:
    try:
        _bind("127.0.0.1", port)
    except (OSError, OverflowError):
        return False
    return True


def _free_port() -> int:
    return _bind("127.0.0.1", 0)


def _bind(host: str, port: int) -> int:
    """The port that could be taken for a moment; 0 asks for any. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def _raise_file_limit() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
