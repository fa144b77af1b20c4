"""`python3 -m tools WHAT` prepares what a make target needs: `run`, `test`, `check`, `dev`, `lock`; or `npm ARGUMENTS`.

Holds a lock meanwhile, so that two makes at once wait for each other instead of building the same thing twice.
"""

import os
import shutil
import sys

if sys.version_info < (3, 11):  # noqa: UP036  (before any import that an older Python cannot read)
    for newer in ("python3.14", "python3.13", "python3.12", "python3.11"):
        if shutil.which(newer):
            os.execvp(newer, [newer, "-m", "tools", *sys.argv[1:]])  # noqa: S606
    sys.exit("Tandem needs Python 3.11 or newer.")

import fcntl
from concurrent.futures import ThreadPoolExecutor

from tools import environment, lock, machine, pages
from tools.say import BUILD, Stuck, doing, run


def main(arguments: list[str]) -> int:
    """Prepare what is asked for; returns the exit status, after one sentence when something is missing."""
    what = arguments[0] if arguments else "run"
    try:
        if what == "npm":
            return pages.npm_shown(*arguments[1:])
        BUILD.mkdir(exist_ok=True)
        with open(BUILD / "lock", "w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            PREPARE[what]()
    except Stuck as stuck:
        print(stuck, file=sys.stderr)
        return 1
    return 0


def prepare_run() -> None:
    """Everything `tandem run` needs; pages that cannot be built are only told about, the API starts all the same."""
    with ThreadPoolExecutor() as side:
        stale = not pages.are_built()
        packages = not environment.is_ready("run")
        if packages:
            environment.get_uv()  # first: it may also have to fetch Node
        building = side.submit(_build_pages_if_possible) if stale else None
        if packages:
            environment.fill("run")
            _prepare_model()
        if building:
            building.result()


def prepare_development() -> None:
    """The environment with the developers' tools."""
    if not environment.is_ready("dev"):
        environment.get_uv()
        environment.fill("dev")


def prepare_check() -> None:
    """The tools of both languages."""
    prepare_development()
    pages.get_packages()


def prepare_test() -> None:
    """The tools, the model, Redis, a browser and the built pages."""
    prepare_development()
    _prepare_model()
    machine.get_redis()
    machine.get_browser(environment.PYTHON)
    if not pages.are_built():
        pages.build()


def _build_pages_if_possible() -> None:
    try:
        pages.build()
    except Stuck as stuck:
        print(stuck, file=sys.stderr)
        doing("serving the pages as they were" if pages.exist() else "going on with the API alone")


def _prepare_model() -> None:
    doing("preparing the embedding model")
    run([environment.PYTHON, "-m", "tandem.embedding"], failing="The embedding model could not be prepared.")


def prepare_lock() -> None:
    """The lock files, written anew, and the environment brought to them."""
    prepare_development()
    lock.write_all()
    prepare_development()


PREPARE = {
    "run": prepare_run,
    "test": prepare_test,
    "check": prepare_check,
    "dev": prepare_development,
    "lock": prepare_lock,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
