"""The system's resolver on one host: the hosts file first, then the name server on the host.

Model card: ``docs/models/resolver.md``. Programs: glibc 2.12 to 2.36. Source: ``consul.md``
section 8.1. A name that the hosts file has is never asked of dnsmasq or Consul. resolv.conf names
127.0.0.1; a host on which it has been overwritten asks the cloud's servers instead, which know
neither ``.consul`` nor the short names (``deck.md`` section 2.2).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Interface
from typing import Final, Literal, NamedTuple, Protocol

from models.host import Host
from models.resolver.ordering import (
    by_rule_9,
    common_prefix,
    shares_of_rotated,
    shares_of_shuffled,
)
from models.resolver.spec import ResolverSpec
from sim.engine import Kernel
from sim.state import Entity


class NameAnswer(NamedTuple):
    """What a lookup brings. ``try-again`` is EAI_AGAIN, ``not-found`` EAI_NONAME.

    ``addresses`` are names of hosts, all of them; ``shares`` the probability of each to be the
    first of a new lookup; ``wait_ns`` how long a lookup takes that fails.
    """

    status: Literal["found", "not-found", "try-again"]
    addresses: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    wait_ns: int = 0


NOT_FOUND: Final = NameAnswer("not-found")


class HostsLookup(Protocol):
    """The hosts file of the host."""

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the addresses of a name, from the top of the file; () if it has none."""


class DnsReply(Protocol):
    """What the name server on the host answers: all addresses, and how their order comes about."""

    @property
    def status(self) -> Literal["noerror", "empty", "nxdomain", "servfail", "refused", "timeout"]:
        """The DNS status; ``refused`` and ``timeout``: no answer, at once and never."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Names of hosts."""

    @property
    def order(self) -> Literal["rotated", "shuffled"]:
        """Rotated by one from query to query, or drawn anew for each."""

    @property
    def limit(self) -> int:
        """How many addresses one answer holds at most; 0: all."""


class Cache(Protocol):
    """What nscd remembers of one name."""

    @property
    def held(self) -> bool:
        """Whether it says "not found" by itself."""


class SystemResolver(Entity):
    """The C library on one host. ``dns`` is None on a host without a name server of its own."""

    host: Final[Host]
    spec: Final[ResolverSpec]
    hosts: Final[HostsLookup]
    dns: Final[Callable[[str], DnsReply] | None]
    prefix_to: Final[Callable[[str], int]]
    nscd: Final[dict[str, Cache]]

    def __init__(
        self,
        kernel: Kernel,
        host: Host,
        spec: ResolverSpec,
        hosts: HostsLookup,
        dns: Callable[[str], DnsReply] | None,
        address_of: Callable[[str], IPv4Interface | None],
    ) -> None:
        super().__init__(kernel, f"resolver/{host.name}")
        self.host = host
        self.spec = spec
        self.hosts = hosts
        self.dns = dns
        own = address_of(host.name)
        # Addresses are a design's, and stay.
        self.prefix_to = cache(lambda target: common_prefix(own, address_of(target)))
        # Filled while the world is built; the values are observable.
        self.nscd = {}

    @property
    def resolv_conf_lost(self) -> int:
        """How many faults have overwritten resolv.conf: above 0, the cloud's servers are asked."""
        return self.host.resolv_conf_lost

    # What is answered now --------------------------------------------------------------------

    def answer(self, name: str) -> NameAnswer:
        """Return what a lookup brings at this moment. Pure, and readable in guards."""
        cache = self.nscd.get(name)
        return NOT_FOUND if cache is not None and cache.held else self.uncached(name)

    def uncached(self, name: str) -> NameAnswer:
        """Return what a lookup brings that nscd has no part in."""
        return self.merged(name, self._from_file(name), sorts=self._sorts)

    def merged(self, name: str, from_file: tuple[str, ...], *, sorts: bool) -> NameAnswer:
        """Return ``from_file`` if it holds anything, else what the name server says.

        ``sorts``: the addresses are sorted by rule 9.
        """
        if from_file:
            ordered = self._sorted(from_file) if sorts else from_file
            return NameAnswer("found", ordered, (1.0,) + (0.0,) * (len(ordered) - 1))
        if self.dns is None or self.resolv_conf_lost:
            return NOT_FOUND
        reply = self.dns(name)
        if reply.status == "noerror":
            prefixes = self._prefixes(reply.addresses) if sorts else (0,) * len(reply.addresses)
            if reply.order == "rotated":
                shares = shares_of_rotated(prefixes)
            else:
                shares = shares_of_shuffled(prefixes, reply.limit)
            return NameAnswer("found", reply.addresses, shares)
        if reply.status in ("empty", "nxdomain"):
            return NOT_FOUND
        silent = reply.status == "timeout"
        return NameAnswer("try-again", wait_ns=self.spec.silence_ns if silent else 0)

    def in_order(self, name: str, query: int) -> tuple[str, ...]:
        """Return the addresses as lookup number ``query`` has them: a draw keyed by host, name and
        number, whose first address has the probabilities of ``shares``.
        """
        from_file = self._from_file(name)
        if from_file or self.dns is None or self.answer(name).status != "found":
            return self.answer(name).addresses
        reply = self.dns(name)
        found = reply.addresses
        if reply.order == "rotated":
            offset = int(self.kernel.stream(self.path, name).uniform_at(query) * len(found))
            came = found[offset:] + found[:offset]
        else:
            came = tuple(sorted(found, key=lambda address: self._weight(name, address, query)))
            came = came[: reply.limit or len(came)]
        return self._sorted(came) if self._sorts else came

    # Parts -----------------------------------------------------------------------------------

    @property
    def _sorts(self) -> bool:
        return self.spec.call == "getaddrinfo"

    def lines_of(self, name: str) -> tuple[str, ...]:
        """Return the addresses on all lines of the hosts file; none where nobody reads it."""
        return () if self.spec.hosts == "dns" else self.hosts.addresses(name)

    def _from_file(self, name: str) -> tuple[str, ...]:
        found = self.lines_of(name)
        return found if self.spec.multi else found[:1]

    def _prefixes(self, addresses: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(map(self.prefix_to, addresses))

    def _sorted(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return by_rule_9(addresses, self._prefixes(addresses))

    def _weight(self, name: str, address: str, query: int) -> float:
        return self.kernel.stream(self.path, name, address).uniform_at(query)
