"""/etc/hosts of a host: a file, so it outlives every process and every restart of the machine.

Model card: ``docs/models/names.md``. Source: ``consul.md`` sections 6 (written by rename, so no
reader sees half of it) and 8.1 (each lookup of glibc opens it, so a change is seen at once).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sim.engine import Kernel
from sim.state import Entity, computed, state


class HostsFile(Entity):
    """``lines`` are (address, names), from the top; an address is the name of a host."""

    lines: tuple[tuple[str, tuple[str, ...]], ...] = state(())

    def __init__(self, kernel: Kernel, host: str) -> None:
        super().__init__(kernel, f"hosts/{host}")

    def write(self, lines: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
        """Replace the file, all at once; returns whether that changed it."""
        changed = lines != self.lines
        self.lines = lines
        return changed

    @computed
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The addresses of each name (in small letters), in the order of the file."""
        return addresses_by_name(self.lines)

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the addresses of a name on all its lines, from the top; () if it has none."""
        return self.by_name.get(name.lower().rstrip("."), ())


# All hosts of a world write much the same, and again what they had before.
@lru_cache(maxsize=256)
def addresses_by_name(
    lines: tuple[tuple[str, tuple[str, ...]], ...],
) -> Mapping[str, tuple[str, ...]]:
    """Return the different addresses of each name (in small letters), from the top."""
    found: dict[str, tuple[str, ...]] = {}
    for address, names in lines:
        for name in names:
            known = found.get(name.lower(), ())
            if address not in known:
                found[name.lower()] = (*known, address)
    return MappingProxyType(found)
