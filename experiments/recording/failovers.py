"""Counts failovers against the truth, which only a simulator knows (``failures.md`` section 4).

*True*: the master could not serve when it was replaced. *False*: it could. *Missed*: no server
accepted writes for so long that a failover should have come, and none did.
"""

from __future__ import annotations

from experiments.building.world import World
from sim.alarm import Alarm
from sim.clock import from_seconds
from sim.watch import Watch

# A failure counts as missed when nothing accepts writes for this long beyond down-after: detection
# and a failover take about 2 s more (sentinel.md section 6), an election at most 11 s.
_GRACE_NS = from_seconds(60)


class FailoverCounter:
    """Counts promotions as true or false, and failures without one as missed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.true = 0
        self.false = 0
        self.missed = 0
        self._limit_ns = _GRACE_NS
        if world.sentinels is not None and world.sentinels.members:
            self._limit_ns += world.sentinels.members[0].spec.down_after_milliseconds
        kernel, service = world.kernel, world.service
        self._patience = Alarm(kernel, "meter/missed")
        for server in world.redis.servers.values():
            server.role_listeners = (*server.role_listeners, self._role_changed)
        self._masters = self._masters_now()
        Watch(kernel, "meter/nobody", lambda: not service.accepting, self._nobody, initial=False)
        Watch(kernel, "meter/too-long", lambda: self._patience.due, self._too_long, initial=False)

    def _masters_now(self) -> frozenset[str]:
        servers = self.world.redis.servers.values()
        return frozenset(server.address for server in servers if server.role == "master")

    def _role_changed(self) -> None:
        before, self._masters = self._masters, self._masters_now()
        for promoted in self._masters - before:
            server = self.world.redis.servers[promoted]
            if not server.process.alive or server.saved_role != "master":
                continue
            others = [self.world.redis.servers[name] for name in before]
            if any(other is not server and other.accepts_writes for other in others):
                self.false += 1
            else:
                self.true += 1

    def _nobody(self, nobody: bool) -> None:
        if nobody:
            self._patience.arm(self.world.kernel.now + self._limit_ns)
        else:
            self._patience.disarm()

    def _too_long(self, too_long: bool) -> None:
        if too_long:
            self.missed += 1
