"""A site's robots.txt (RFC 9309): which paths a crawler may ask for, how slowly, and where the sitemaps are.

The longest rule that fits decides, and of two equally long ones the one that allows.
"""

from dataclasses import dataclass

from tandem.outgoing import Caps, Patient, RefusedByServer
from tandem.outgoing.patience import refusal

NAME = "tandem"
BYTES = 500 * 1024
"""As much of a robots.txt as has to be read."""

MOST_RULES = 2_000
LONGEST_DELAY_S = 30.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for Tandem. `rules`: whether it allows, and the pattern."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay_s: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def allow(self, path: str) -> bool:
        """Whether this path, with its query, may be asked for."""
        fitting = [(len(pattern), allows) for allows, pattern in self.rules if _fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


EVERYTHING = Rules()


async def fetch(patient: Patient, root: str) -> Rules:
    """The rules of the site at `root`. Without a robots.txt everything may be asked for.

    Raises RefusedByServer when the server fails to say: then nothing may be (RFC 9309, 2.3.1.4).
    """
    answer = await patient.ask(f"{root}/robots.txt", caps=Caps(bytes=4 * BYTES, seconds=20))
    if answer.status == 200:
        return read(answer.body[:BYTES].decode("utf-8", "replace"))
    if answer.status >= 500:
        raise RefusedByServer(refusal(answer).detail.rstrip(".") + " for robots.txt, so nothing may be crawled.")
    return EVERYTHING


def read(text: str) -> Rules:
    """The rules of a robots.txt: those for Tandem by name, else those for everybody."""
    groups: dict[str, list[tuple[bool, str]]] = {}
    delays: dict[str, float] = {}
    sitemaps: list[str] = []
    agents: list[str] = []
    begun = False
    for line in text.removeprefix("\ufeff").splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            agents = [value.lower()] if begun else [*agents, value.lower()]
            begun = False
            groups.setdefault(value.lower(), [])
        elif name == "sitemap":
            sitemaps.append(value)
        elif name in ("allow", "disallow"):
            begun = True
            for agent in agents if value else ():
                groups[agent].append((name == "allow", value))
        elif name == "crawl-delay":
            begun = True
            delays |= dict.fromkeys(agents, _seconds(value))
    mine = next((agent for agent in groups if agent == NAME), "*")
    return Rules(tuple(groups.get(mine, [])[:MOST_RULES]), delays.get(mine, 0.0), tuple(sitemaps[:20]))


def _seconds(value: str) -> float:
    try:
        return min(max(float(value), 0.0), LONGEST_DELAY_S)
    except ValueError:
        return 0.0


def _fits(pattern: str, path: str) -> bool:
    """`*` stands for anything, `$` at the end for the end; linear in both lengths."""
    whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        if (found := path.find(part, at)) < 0:
            return False
        at = found + len(part)
    if not rest:
        return not whole or at == len(path)
    last = rest[-1]
    if whole:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0
