"""``min-replicas-to-write``: a master counts the replicas whose last ACK is recent enough.

Source: ``sentinel.md`` section 9. Replicas acknowledge once a second; the master compares whole
seconds once a second, so a silent replica stops counting 9.6 to 11.5 s after a cut for a limit of
10 s (measured, median 10.6). A connection that is reset stops counting at once.
"""

from __future__ import annotations

from typing import Final

from models.redis.replication import Replication
from models.redis.server import RedisServer
from sim.alarm import Alarm
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.state import Entity
from sim.watch import Watch


class Acknowledgements(Entity):
    """How the master of one replica sees it: good, or too long silent."""

    link: Final[Replication]
    lag: Final[Alarm]

    def __init__(self, kernel: Kernel, link: Replication) -> None:
        super().__init__(kernel, f"{link.server.address}/acknowledgements")
        self.link = link
        self.lag = Alarm(kernel, f"{self.path}/lag")
        Watch(kernel, f"{self.path}/flows", lambda: link.flows, self._flow, initial=False)

    def good_for(self, master: RedisServer) -> bool:
        """Whether ``master`` counts this replica."""
        return (
            self.link.phase == "streaming"
            and self.link.server.master is master
            and (self.link.flows or (not self.lag.due and self.link.server.process.alive))
        )

    def _flow(self, flows: bool) -> None:
        if flows:
            self.lag.disarm()
            return
        master = self.link.server.master
        if master is None:
            return
        stream = self.kernel.stream(self.path, "silence")
        # The last ACK is up to 1 s old, the whole-second difference turns up to 1 s late, and the
        # cron that looks comes up to 1 s later.
        drawn = 1.0 - stream.uniform() - stream.uniform() + stream.uniform()
        self.lag.arm(self.kernel.now + master.spec.min_replicas_max_lag + round(drawn * NS_PER_S))


def count_good_replicas(server: RedisServer, replicas: tuple[Acknowledgements, ...]) -> None:
    """Keep ``server.good_replicas`` up to date, if its configuration asks for any."""
    if server.spec.min_replicas_to_write == 0:
        return

    def count() -> int:
        return sum(replica.good_for(server) for replica in replicas)

    def note(good: int) -> None:
        server.good_replicas = good

    Watch(server.kernel, f"{server.path}/good-replicas", count, note, initial=0)
