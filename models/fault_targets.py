"""What a fault may strike, and how a text names it: a process, a host, a pair of hosts or sites.

``redis@a01`` is a process (also bare ``s2`` if only one host runs an ``s2``), ``a01`` a host,
``a01-a02`` and ``east-west`` pairs. Names may contain ``-`` themselves, so a pair is found among
the known names and not by cutting at the first dash.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from models.host import Host
from models.process import Process
from sim.network import Network, Path

Sort = Literal["process", "host", "pair"]

_CALLED: Final[dict[Sort, str]] = {
    "process": "process",
    "host": "host",
    "pair": "pair of hosts or sites",
}
# Beyond this many ends the pairs are too many to search for a near miss.
_MOST_ENDS: Final = 60


class Target(NamedTuple):
    """A target that exists: its sort, its full name, and the names that the name is made of."""

    sort: Sort
    text: str
    names: tuple[str, ...]


def meant(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known word nearest to ``word``, or nothing."""
    near = difflib.get_close_matches(word[:80].lower(), sorted(known), n=3)
    # Two letters exchanged is the commonest slip, and difflib thinks little of it.
    near.sort(key=lambda name: sorted(name) != sorted(word.lower()))
    return f"; did you mean '{near[0]}'?" if near else ""


@dataclass(frozen=True)
class TargetNames:
    """The names of a world: ``site_of`` host by host, and the processes (``redis@a01``)."""

    site_of: Mapping[str, str]
    processes: tuple[str, ...]

    @property
    def ends(self) -> tuple[str, ...]:
        """What a pair may be made of: hosts and sites, by name."""
        return tuple(sorted({*self.site_of, *self.site_of.values()}))

    def hosts_of(self, end: str) -> tuple[str, ...]:
        """Return the hosts that the end of a pair stands for: itself, or those of the site."""
        if end in self.site_of:
            return (end,)
        return tuple(sorted(host for host, site in self.site_of.items() if site == end))

    def resolve(self, text: str, sorts: tuple[Sort, ...]) -> Target:
        """Return the target that ``text`` names, of one of the ``sorts`` that are possible.

        Raises ValueError, saying what was probably meant, if there is none or more than one.
        """
        for sort in sorts:
            target = self._find(text, sort)
            if target is not None:
                return target
        wanted = " or ".join(_CALLED[sort] for sort in sorts)
        for sort, called in _CALLED.items():
            if sort not in sorts and self._find(text, sort) is not None:
                raise ValueError(f"'{text}' is a {called}, not a {wanted}")
        if text in self.site_of.values():
            raise ValueError(f"'{text}' is a site, not a {wanted}")
        raise ValueError(f"unknown {wanted} '{text}'{meant(text, self._known(sorts))}")

    def _find(self, text: str, sort: Sort) -> Target | None:
        if sort == "host":
            return Target(sort, text, (text,)) if text in self.site_of else None
        if sort == "process":
            return self._find_process(text)
        return self._find_pair(text)

    def _find_process(self, text: str) -> Target | None:
        found = [name for name in sorted(self.processes) if text in (name, name.split("@")[0])]
        if len(found) > 1:
            raise ValueError(f"'{text}' could be {' or '.join(found)}; write which one")
        return Target("process", found[0], (found[0],)) if found else None

    def _find_pair(self, text: str) -> Target | None:
        ends = self.ends
        cuts = [at for at, letter in enumerate(text) if letter == "-"]
        found = [
            (one, other)
            for one, other in ((text[:at], text[at + 1 :]) for at in cuts)
            if one in ends and other in ends
        ]
        if len(found) > 1:
            ways = " or ".join(f"{one} and {other}" for one, other in found)
            raise ValueError(f"'{text}' could be {ways}; rename one of them")
        if not found:
            return None
        one, other = found[0]
        if one == other:
            raise ValueError(f"'{text}' names '{one}' twice; a pair needs two ends")
        return Target("pair", text, found[0])

    def _known(self, sorts: tuple[Sort, ...]) -> list[str]:
        known: list[str] = []
        if "process" in sorts:
            bare = [name.split("@")[0] for name in self.processes]
            known += [*self.processes, *(name for name in bare if bare.count(name) == 1)]
        if "host" in sorts:
            known += self.site_of
        if "pair" in sorts and len(self.ends) <= _MOST_ENDS:
            known += [f"{one}-{two}" for one in self.ends for two in self.ends if one != two]
        return known


@dataclass(frozen=True)
class Targets:
    """The world's hosts, processes (by full name, ``redis@a01``) and network; one a world.

    It also remembers, for the faults that cannot be counted by the thing itself, which ones are at
    work on it, so that overlapping faults end one by one.
    """

    hosts: Mapping[str, Host]
    processes: Mapping[str, Process]
    network: Network
    slow_factors: dict[str, tuple[float, ...]] = field(default_factory=dict)
    held_down: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> TargetNames:
        """The names that a target may have here."""
        return TargetNames(self.network.site_of, tuple(sorted(self.processes)))

    def paths(self, target: Target, *, one_way: bool = False) -> tuple[Path, ...]:
        """Return the paths of a host (all, to and from it), or of a pair (``one_way``: from the
        first to the second only), by name.
        """
        if target.sort == "host":
            return tuple(sorted(self.network.around(target.names[0]), key=lambda path: path.path))
        ways = {(path.path, path) for path in self._from_to(*target.names)}
        if not one_way:
            ways |= {(path.path, path) for path in self._from_to(*reversed(target.names))}
        return tuple(path for _, path in sorted(ways, key=lambda way: way[0]))

    def routes(self, target: Target) -> tuple[tuple[str, str], ...]:
        """Return the pairs of hosts whose conversations the target covers, each once, by name."""
        if target.sort == "host":
            (host,) = target.names
            pairs = {(host, other) for other in self.network.site_of}
        else:
            one, other = (self.names.hosts_of(end) for end in target.names)
            pairs = {(here, there) for here in one for there in other}
        ordered = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
        return tuple(sorted(ordered))

    def _from_to(self, source: str, target: str) -> Iterable[Path]:
        for here in self.names.hosts_of(source):
            for there in self.names.hosts_of(target):
                if here != there:
                    yield self.network.path(here, there)
