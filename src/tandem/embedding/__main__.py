"""`python -m tandem.embedding`: build the shipped model into the cache, so that no start has to wait for it."""

import logging
import sys
from pathlib import Path

import click

from tandem.embedding import cache
from tandem.embedding.embedder import CannotEmbed
from tandem.embedding.loading import default_cache_dir


@click.command()
@click.option("--cache", "folder", type=click.Path(path_type=Path), help="The folder to keep it in.")
def main(folder: Path | None) -> None:
    """Build the shipped embedding model, unless the cache has it."""
    logging.disable(logging.WARNING)  # the quantiser gives advice that does not concern a BERT
    try:
        cache.prepare(folder or default_cache_dir())
    except CannotEmbed as failure:
        sys.exit(failure.detail)
    except OSError as failure:
        sys.exit(f"The embedding model could not be kept in {folder or default_cache_dir()}: {failure}")


if __name__ == "__main__":
    main()
