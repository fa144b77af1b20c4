"""Git and folders: what a commit or a folder holds, and nothing that lies outside of it."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tandem.errors import Malformed
from tandem.knowledge.sources import Kind, connectors
from tests.knowledge.sources.bench import Bench
from tests.outgoing.loopback import Loopback, serving

RETURNS = "---\ntitle: Returns\ncategory: Orders\naudience: verified\nsource_url: https://acme.example/returns\n---\n# R\n\n30 days."


def write(root: Path, **files: str | bytes) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def git(root: Path, *command: str) -> str:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example", "-c", "commit.gpgsign=false"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *identity, *command], cwd=root, env=environment, capture_output=True, check=True)
    return done.stdout.decode()


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Changed")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two articles, and much that is none."""
    root = tmp_path / "open" / "help"
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    write(
        root,
        docs__returns_md=RETURNS,
        docs__shipping_md="# Shipping\n\nTwo days.",
        README_md="# Read me\n\nHow to build.",
    )
    write(root, docs__logo_png=b"\x89PNG", _hidden__x_md="# Hidden", docs__faq_csv="question,answer\nHow?,So.\n")
    (root / "docs" / "passwd.md").symlink_to("/etc/passwd")
    commit(root)
    return root


@asynccontextmanager
async def hosted(repository: Path, login: str | None = None) -> AsyncIterator[Loopback]:
    """The repository as Git's own server shows it over HTTP."""

    async def reply(request: web.BaseRequest) -> web.StreamResponse:
        if login is not None and request.headers.get("authorization") != login:
            return web.Response(status=401, headers={"www-authenticate": "Basic realm=x"})
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(repository.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        cgi = await asyncio.create_subprocess_exec(
            "git", "http-backend", stdin=-1, stdout=-1, stderr=asyncio.subprocess.DEVNULL, env=environment
        )
        out, _ = await cgi.communicate(await request.read())
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return web.Response(status=int(headers.pop("Status", "200")[:3]), headers=headers, body=body)

    async with serving(reply) as server:
        yield server


async def test_git_over_http_works(bench: Bench, repository: Path) -> None:
    async with hosted(repository, "Basic eC1hY2Nlc3MtdG9rZW46Zy1zZWNyZXQ=") as server:
        settings = {"url": f"{server.url}/help/.git", "folder": "docs"}
        source = await bench.run(await bench.add(Kind.GIT, settings, "g-secret"))
        assert (source.status, source.error) == ("ok", None)
        found = await bench.documents()
        assert set(found) == {"Returns", "Shipping", "faq.csv"}
        about = found["Returns"]
        assert (about.category, about.audience, about.source_url) == (
            "Orders",
            "verified",
            "https://acme.example/returns",
        )
        assert (await bench.text("Returns")).written == "# R\n\n30 days."
        write(repository, docs__shipping_md="# Shipping\n\nThree days.")
        (repository / "docs" / "faq.csv").unlink()
        commit(repository)
        report = (await bench.run(source)).report
        assert (report["changed"], report["unchanged"], report["removed"]) == (1, 1, 1)
        wrong = await bench.run(await bench.add(Kind.GIT, settings, "wrong", name="wrong"))
        assert "does not accept the secret" in (wrong.error or "")


async def test_git_goes_nowhere_else(bench: Bench, repository: Path) -> None:
    async with hosted(repository) as inside:
        async with serving(lambda r: web.Response(status=302, headers={"location": inside.url + r.path_qs})) as server:
            away = await bench.run(await bench.add(Kind.GIT, {"url": f"{server.url}/help/.git"}))
            assert (away.status, inside.asked) == ("failed", [])
            assert "redirects" in (away.error or "")
        private = f"http://127.0.0.2:{inside.port}/help/.git"
        refused = await bench.run(await bench.add(Kind.GIT, {"url": private}, name="private"))
        assert "not a public address" in (refused.error or "")
        assert inside.asked == []


async def test_git_says_what_is_wrong(bench: Bench, repository: Path) -> None:
    async with hosted(repository) as server:
        branch = await bench.add(Kind.GIT, {"url": f"{server.url}/help/.git", "branch": "nope"}, name="branch")
        assert "no such branch" in ((await bench.run(branch)).error or "")
        nothing = await bench.add(Kind.GIT, {"url": f"{server.url}/nothing"}, name="nothing")
        assert "no repository" in ((await bench.run(nothing)).error or "")


@pytest.mark.parametrize(
    "settings",
    [{"url": "ssh://git@github.com/x"}, {"url": "git@github.com:x/y"}, {"url": "ext::sh -c touch% /x"}, {"url": "file:///etc"},
     {"url": "--upload-pack=x"},
     {"url": "https://user:token@github.com/x"}, {"url": "https://x.example/", "branch": "--upload-pack=x"},
     {"url": "https://x.example/", "branch": "a b"}],
)  # fmt: skip
def test_other_ways_to_a_repository_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        connectors.check(Kind.GIT, settings)


@pytest.mark.parametrize(
    ("kind", "field", "below", "seen"), [(Kind.GIT, "url", "", 4), (Kind.FOLDER, "path", "docs", 3)]
)
async def test_git_and_folders_are_open_only_where_the_operator_says(
    bench: Bench, repository: Path, kind: Kind, field: str, below: str, seen: int
) -> None:
    source = await bench.add(kind, {field: str(repository / below)})
    refused = await bench.run(source)
    assert "TANDEM_SOURCE_FOLDERS" in (refused.error or "")
    bench.folders = (repository.parent,)
    source = await bench.run(source)
    assert (source.status, source.report["seen"]) == ("ok", seen)
    for title in await bench.documents():
        assert "root:" not in str((await bench.text(title)).written)


async def test_a_folder_works(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "articles"
    write(
        root,
        returns_md=RETURNS,
        deep__shipping_html="<h1>Shipping</h1><p>Two days.</p>",
        faq_csv="Q,A\nHow?,So.",
        notes_doc="no",
    )
    write(root, latin_md="# Größe\n\nFünf".encode("latin-1"), empty_md="", odd_md="---\naudience: everyone\n---\nx")
    (root / "away").symlink_to("/etc")
    bench.folders = (tmp_path,)
    source = await bench.run(await bench.add(Kind.FOLDER, {"path": str(root)}, audience="staff"))
    assert (source.report["added"], source.report["failed"]) == (5, 1)
    found = await bench.documents()
    assert found["Returns"].audience == "staff", "an article does not open itself to more people than the source is for"
    assert "audience" in ((await bench.items(source, failed=True))["odd.md"].error or "")
    (root / "faq.csv").unlink()
    write(root, odd_md="# Odd no more\n\nIt is right.")
    source = await bench.run(source)
    assert (source.status, source.report["removed"], source.report["added"]) == ("ok", 1, 1)


async def test_a_folder_is_left_by_no_trick(bench: Bench, tmp_path: Path) -> None:
    inside, outside = tmp_path / "open", tmp_path / "secret"
    write(inside, a_md="# A\n\nOpen.")
    write(outside, b_md="# B\n\nSecret.")
    write(tmp_path / "open-beside", c_md="# C\n\nSecret.")
    (inside / "link").symlink_to(outside)
    bench.folders = (inside,)
    assert (await bench.run(await bench.add(Kind.FOLDER, {"path": str(inside)}, name="open"))).report["added"] == 1
    for path in ("relative", f"{inside}/../secret", f"{inside}/link", "/", f"{inside}-beside"):
        source = await bench.run(await bench.add(Kind.FOLDER, {"path": path}, name=path))
        assert (source.status, set(await bench.documents())) == ("failed", {"A"})
