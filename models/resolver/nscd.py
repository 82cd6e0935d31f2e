"""nscd: what the name service cache does to lookups on a host.

Source: ``consul.md`` section 8.1. Answers of the hosts file are kept for 3600 s but flushed when
the file changes, and answers of Consul have TTL 0, so positive answers are never old. "Not found"
is kept for 20 s. A lookup that is to be tried again is not kept: nscd's manual speaks of items not
found, and its source was not read. Lookups are taken to be frequent.
"""

from __future__ import annotations

from typing import Final

from models.resolver.system import SystemResolver
from sim.clock import NS_PER_S
from sim.grid import Regular
from sim.state import Entity, state
from sim.ticker import Ticker
from sim.watch import Watch

NEGATIVE_NS: Final = 20 * NS_PER_S


class Nscd(Entity):
    """One name on one host. ``held``: "not found" is answered without looking."""

    resolver: Final[SystemResolver]
    name: Final[str]
    expiry: Final[Ticker]
    held: bool = state(False)

    def __init__(self, resolver: SystemResolver, name: str) -> None:
        kernel = resolver.kernel
        super().__init__(kernel, f"nscd/{resolver.host.name}/{name}")
        self.resolver = resolver
        self.name = name
        grid = Regular(0, NEGATIVE_NS)
        self.expiry = Ticker(kernel, f"{self.path}/expiry", grid, self._matters, self._expire)
        Watch(kernel, f"{self.path}/missing", self._missing, self._keep, initial=False)
        lines = resolver.hosts.addresses
        Watch(kernel, f"{self.path}/flush", lambda: lines(name), self._flush, initial=lines(name))

    def _missing(self) -> bool:
        return self.resolver.uncached(self.name).status == "not-found"

    def _keep(self, missing: bool) -> None:
        if missing and not self.held:
            self.held = True
            now = self.kernel.now
            self.expiry.regrid(Regular(now + NEGATIVE_NS, NEGATIVE_NS))

    def _matters(self) -> bool:
        return self.held and not self._missing()

    def _expire(self) -> None:
        if self._matters():
            self.held = False

    def _flush(self, _: object) -> None:
        """The hosts file has changed where this name is concerned; it is flushed as a whole."""
        self.held = self._missing()


def remember(resolver: SystemResolver, name: str) -> None:
    """Put nscd before the lookups of ``name`` on a host, once (while the world is built)."""
    if resolver.spec.nscd and name not in resolver.nscd:
        resolver.nscd[name] = Nscd(resolver, name)
