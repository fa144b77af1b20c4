"""What every test may ask for: a database of its own with the cast in it, Redis, the embedder; no real model, ever."""

import asyncio
import contextlib
import functools
import gc
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import argon2
import hypothesis
import pytest
import redis

from tandem import embedding, ids
from tandem.db import Database
from tandem.embedding import cache, default_cache_dir, minilm
from tandem.embedding.minilm import MiniLM
from tandem.events import Hub
from tandem.tenants import members
from tandem.tenants.sealing import Sealer
from tests import cast as casting
from tests import dealing
from tests import ground as grounds
from tests.cast import Cast
from tests.ground import Ground, Place

os.environ["TANDEM_FORBID_REAL_MODELS"] = "1"

if sys.dont_write_bytecode:
    # A run starts hundreds of Pythons, and each of them would compile everything anew: 1.6 s of a core.
    # Where images switch bytecode off to stay small, it goes beside the other things that are built.
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".build" / "bytecode")
    sys.dont_write_bytecode = False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_BORROWED = [hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow]
# A failure prints the blob that repeats it; `--hypothesis-seed` repeats a whole run.
hypothesis.settings.register_profile(
    "tandem", max_examples=60, deadline=None, print_blob=True, suppress_health_check=_BORROWED
)
hypothesis.settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, print_blob=True, suppress_health_check=_BORROWED
)
hypothesis.settings.load_profile("tandem")

GARBAGE = 5_000
"""New objects between two looks for garbage; Python's own 700 take a tenth of a run."""

REAL_HASHER = members.HASHER
QUICK_HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""A tenth of a millisecond, where the real one takes 0.1 s of a core by design. `tenants/test_members.py` holds the real one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--postgres 16` runs everything on the older version."""
    parser.addoption("--postgres", type=int, default=18, choices=(16, 18), help="the embedded PostgreSQL's version")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The last to go, who is no worker, clears up what the servers kept in memory."""
    factory: pytest.TempPathFactory | None = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and not hasattr(session.config, "workerinput"):
        grounds.clear(factory.getbasetemp())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is there once the tests are known stays to the end: the garbage collector need not look at it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that it does not stand alone at the end."""
    items[:] = dealing.dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest, shared_folder: Path, testrun_uid: str) -> Iterator[Ground]:
    """The run's PostgreSQL: our own, or the one that TANDEM_TEST_DATABASE_URL names.

    A test that has to hold on every version asks for them by `parametrize("ground", [18, 16], indirect=True)`.
    """
    chosen = request.config.getoption("postgres")
    major = getattr(request, "param", chosen)
    elsewhere = os.environ.get("TANDEM_TEST_DATABASE_URL")
    if elsewhere and major != chosen:
        pytest.skip("TANDEM_TEST_DATABASE_URL names one server of one version")
    with grounds.stand(shared_folder, testrun_uid[:8], major, elsewhere) as ground:
        yield ground


@pytest.fixture(scope="session")
def cast(ground: Ground) -> Cast:
    """The people, who are in every `db` already."""

    def fill(place: Place) -> str:
        async def play() -> Cast:
            db = Database(place.app)
            await db.open()
            try:
                return await casting.assemble(db)
            finally:
                await db.close()

        with ThreadPoolExecutor(1) as aside:  # whoever asks for the cast first may be inside an event loop
            return casting.PAPERS.dump_json(aside.submit(asyncio.run, play()).result()).decode()

    return casting.PAPERS.validate_json(ground.prepare_template(fill))


@pytest.fixture
def place(ground: Ground, cast: Cast) -> Iterator[Place]:
    """A database of this test's own, migrated, with the cast; its connection strings by role."""
    with ground.database(ground.template.name) as place:
        yield place


@pytest.fixture
async def db(place: Place) -> AsyncIterator[Database]:
    """The same, opened as the program opens it: in a role that owns nothing."""
    database = Database(place.app)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
def hub() -> Hub:
    """News within one process."""
    return Hub(ids.new())


@pytest.fixture
def sealer() -> Sealer:
    """Opens what the cast's tenants have sealed."""
    return Sealer(casting.MASTER_KEY)


@pytest.fixture(scope="session")
def embedder() -> MiniLM:
    """The real MiniLM, built once a machine and loaded once a process."""
    return embedding.load_all().shipped


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What each of some hundred sites would make anew: MiniLM's session (70 ms and 25 MB), and slow hashes of passwords."""
    home, find = default_cache_dir(), cache.model

    @functools.cache
    def found() -> bytes:
        return find(home)

    def model(folder: Path) -> bytes:
        return found() if folder == home else find(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "model", model)
        patch.setattr(minilm, "_session", functools.lru_cache(2)(minilm._session))
        patch.setattr(members, "HASHER", QUICK_HASHER)
        yield


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this process's own, which keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("REDIS IS NOT TESTED: there is no redis-server on PATH; `make test` installs it, or apt does")
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for_redis(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(60)


def free_port() -> int:
    """A port that nobody listens on, out of those that the kernel gives to nobody who asks for any."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


def _wait_for_redis(port: int) -> None:
    until = time.monotonic() + 60
    with redis.Redis(port=port) as client:
        while True:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
