"""Documents that stand somewhere else: a site, a help centre, a wiki, a repository, a folder. They are brought here by the
clock and by hand, kept up to date, and withdrawn when they are gone there.

`sync` runs, `schedule` says when, one file a connector says how. Everything that a source names is reached by
`tandem.outgoing` alone.
"""

from tandem.knowledge.sources.sources import REMOVAL, SYNC, Kind, Source, statuses

__all__ = ["REMOVAL", "SYNC", "Kind", "Source", "statuses"]
