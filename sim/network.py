"""Who can reach whom, and how long it takes: directional paths between hosts.

A path is *open*, *dropped* (silence: packets vanish) or *refused* (an answer says no: ICMP
unreachable, interface down). The two failures are different things everywhere, because programs
notice a refusal at once and silence only by their own timeouts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sim.clock import from_seconds
from sim.engine import Kernel, Occurrence
from sim.laws import Law
from sim.state import Entity, computed, hidden, state
from sim.tcp import SYNS_LINEAR_NS
from sim.watch import Watch


class Path(Entity):
    """The way from one host to another. Obstacles are counted, so that faults may overlap."""

    dropping: int = state(0)
    refusing: int = state(0)
    added_delay_ns: int = hidden(0)
    base_delay_ns: Final[int]

    def __init__(self, kernel: Kernel, path: str, base_delay_ns: int) -> None:
        super().__init__(kernel, path)
        self.base_delay_ns = base_delay_ns

    @property
    def open(self) -> bool:
        """Whether a packet sent now arrives."""
        return not (self.dropping or self.refusing)

    @property
    def delay_ns(self) -> int:
        """One-way delay of a packet sent now."""
        return self.base_delay_ns + self.added_delay_ns


class Route(Entity):
    """Both directions between two hosts, and whether TCP has found its way again after a cut.

    A healed path does not carry a conversation at once: whoever has something to say is between
    two tries. ``tcp`` turns true again after a delay drawn from ``return_law``, for programs that
    keep trying about as often as that law says; the wait is never longer than the cut was, because
    a back-off grows with the silence. ``syns_ns`` are the SYNs of one attempt (``sim/tcp.py``), for
    programs whose own tries are modelled.
    """

    forward: Final[Path]
    back: Final[Path]
    return_law: Final[Law]
    syns_ns: Final[tuple[int, ...]]
    found: bool = state(True)
    cut_at_ns: int = hidden(0)
    retry_passes_ns: int = hidden(-1)
    return_rank: int = hidden(0)
    returning: Occurrence | None = hidden(None)

    def __init__(
        self,
        kernel: Kernel,
        path: str,
        forward: Path,
        back: Path,
        return_law: Law,
        syns_ns: tuple[int, ...],
    ) -> None:
        super().__init__(kernel, path)
        self.forward = forward
        self.back = back
        self.return_law = return_law
        self.syns_ns = syns_ns
        self.return_rank = kernel.claim_rank(f"{path}/return")
        Watch(kernel, f"{path}/open", lambda: self.open, self._opened, initial=True)

    @computed
    def open(self) -> bool:
        """Whether packets pass both ways now."""
        return self.forward.open and self.back.open

    @computed
    def tcp(self) -> bool:
        """Whether a conversation passes: the way is open, and has been found again."""
        return self.open and self.found

    def let_retry_pass(self) -> None:
        """Say that a silence ends at this moment because a retry gets through: nobody waits."""
        self.retry_passes_ns = self.kernel.now
        self.found = True

    def _opened(self, is_open: bool) -> None:
        if self.returning is not None:
            self.returning.cancel()
            self.returning = None
        if not is_open:
            self.cut_at_ns = self.kernel.now
            self.found = False
            return
        drawn_ns = self.return_law.sample_ns(self.kernel.stream(self.path, "tcp-return"))
        # Drawn in any case: whether a retry passes shifts no later draw.
        if self.retry_passes_ns == self.kernel.now:
            self._returned()
            return
        wait_ns = min(drawn_ns, self.kernel.now - self.cut_at_ns)
        self.returning = self.kernel.call_at(
            self.kernel.now + wait_ns, self.return_rank, self._returned
        )

    def _returned(self) -> None:
        self.returning = None
        self.found = True


class Network:
    """All paths and routes between the hosts of a world, by host name.

    ``site_of`` maps a host to its site; ``delay_ns(site, site)`` gives the one-way delay and
    ``return_law(site, site)`` the law of :class:`Route`. A host reaches itself over a loopback
    that no fault touches.
    """

    def __init__(
        self,
        kernel: Kernel,
        site_of: dict[str, str],
        delay_ns: Callable[[str, str], int],
        return_law: Callable[[str, str], Law],
        syns_ns: tuple[int, ...] = SYNS_LINEAR_NS,
    ) -> None:
        self.kernel = kernel
        self.site_of = dict(sorted(site_of.items()))
        self.paths: dict[tuple[str, str], Path] = {}
        self.routes: dict[tuple[str, str], Route] = {}
        for source, here in self.site_of.items():
            for target, there in self.site_of.items():
                delay = LOOPBACK_DELAY_NS if source == target else delay_ns(here, there)
                name = f"path/{source}>{target}"
                self.paths[source, target] = Path(kernel, name, delay)
        for source, target in self.paths:
            if source <= target:
                law = return_law(self.site_of[source], self.site_of[target])
                self._join(source, target, law, syns_ns)

    def _join(self, source: str, target: str, law: Law, syns_ns: tuple[int, ...]) -> None:
        forward, back = self.paths[source, target], self.paths[target, source]
        route = Route(self.kernel, f"route/{source}={target}", forward, back, law, syns_ns)
        self.routes[source, target] = self.routes[target, source] = route

    def path(self, source: str, target: str) -> Path:
        """Return the way from ``source`` to ``target`` (host names)."""
        return self.paths[source, target]

    def route(self, one: str, other: str) -> Route:
        """Return both directions between two hosts."""
        return self.routes[one, other]

    def refuses(self, source: str, target: str) -> bool:
        """Whether an attempt from ``source`` is told no at once.

        If only the answers are refused, it is the target that is told; the source hears nothing.
        """
        there = self.paths[source, target]
        return bool(there.refusing) and not there.dropping

    def around(self, host: str, *, inward: bool = True, outward: bool = True) -> Iterable[Path]:
        """Yield the paths to (``inward``) and from (``outward``) a host, loopback excluded."""
        for other in self.site_of:
            if other != host:
                if inward:
                    yield self.paths[other, host]
                if outward:
                    yield self.paths[host, other]

    def between_sites(self, one: str, other: str) -> Iterable[Path]:
        """Yield the paths between the hosts of two sites, both ways."""
        for (source, target), path in self.paths.items():
            if {self.site_of[source], self.site_of[target]} == {one, other} and one != other:
                yield path

    def send(self, source: str, target: str, rank: int, deliver: Callable[[], object]) -> None:
        """Deliver a message after the one-way delay, unless the path is not open now.

        Whether the receiver is alive is for ``deliver`` to find out on arrival.
        """
        path = self.paths[source, target]
        if path.open:
            self.kernel.call_at(self.kernel.now + path.delay_ns, rank, deliver)


# A loopback round trip is some tens of microseconds; anything below a millisecond is invisible
# next to the timers of the programs modelled (shortest: a 52 ms tick).
LOOPBACK_DELAY_NS = from_seconds(20e-6)
