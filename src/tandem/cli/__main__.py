"""`python -m tandem.cli`: the same as `tandem`."""

from tandem.cli import main

main()
