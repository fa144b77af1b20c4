"""`python -m bench [NAME ...]`: run benchmarks, print their tables, keep their figures, renew docs/benchmarks.md.

Names: turns, search, ingest, actions; `turns:steady` runs a part of one.
"""

import argparse
import importlib

from bench import report

NAMES = ("turns", "search", "ingest", "actions")


def main() -> None:
    """Run what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=list(NAMES))
    for asked in parser.parse_args().names:
        name, _, parts = asked.partition(":")
        if name not in NAMES:
            parser.error(f"no benchmark is called {name}: {', '.join(NAMES)}")
        where = report.here()
        result = importlib.import_module(f"bench.{name}").run([part for part in parts.split(",") if part])
        print(report.table(result), flush=True)
        if not parts:
            report.write(result, where)
            report.PAGE.write_text(report.page())


if __name__ == "__main__":
    main()
