"""What a trial keeps of each server: when it accepted writes, and how many it acknowledged."""

from __future__ import annotations

from models.application.application import Application
from models.application.pool import Server
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.metering import StateMeter


class ServerMeter:
    """Follows one server. ``accepting`` are the intervals (start, end) in ns, in order."""

    def __init__(self, kernel: Kernel, server: Server, instances: tuple[Application, ...]) -> None:
        self.accepting: list[tuple[int, int]] = []
        self._acked: list[tuple[float, int, int]] = []
        accepts = StateMeter(
            kernel, f"inject/{server.address}/accepts", lambda: server.accepts_writes, initial=False
        )
        accepts.listen(self._accepted)

        def acked_per_s() -> float:
            return sum(
                pool.spec.write_rate
                for instance in instances
                for pool in instance.pools
                if pool.writes_to is server
            )

        acks = StateMeter(kernel, f"inject/{server.address}/acks", acked_per_s, initial=0.0)
        acks.listen(lambda rate, start_ns, end_ns: self._acked.append((rate, start_ns, end_ns)))
        self._meters = accepts, acks

    def close(self) -> None:
        """Finish the open intervals."""
        for meter in self._meters:
            meter.close()

    def _accepted(self, accepts: bool, start_ns: int, end_ns: int) -> None:
        if accepts:
            self.accepting.append((start_ns, end_ns))

    def acked(self, start_ns: int, end_ns: int) -> float:
        """Return how many writes it acknowledged between two times, by its clients' rates."""
        return sum(
            rate * max(0, min(end, end_ns) - max(start, start_ns)) / NS_PER_S
            for rate, start, end in self._acked
        )

    def acks_from(self, at_ns: int) -> int | None:
        """Return when, from ``at_ns`` on, it first acknowledged a write, ns; None if never."""
        for rate_per_s, start_ns, end_ns in self._acked:
            if rate_per_s > 0 and end_ns > at_ns:
                return max(start_ns, at_ns)
        return None

    def accepts_from(self, at_ns: int) -> int | None:
        """Return when, from ``at_ns`` on, it first accepted writes, ns; None if never."""
        for start_ns, end_ns in self.accepting:
            if end_ns > at_ns:
                return max(start_ns, at_ns)
        return None
