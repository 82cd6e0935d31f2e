"""``min-replicas-to-write``: a master counts the replicas whose last ACK is recent enough.

Source: ``sentinel.md`` section 9. Replicas acknowledge once a second; the master compares whole
seconds once a second, so a silent replica stops counting 9.6 to 11.5 s after a cut for a limit of
10 s (measured, median 10.6). A connection that is reset stops counting at once. A master that is
cut off does not learn that its replicas have gone over to another one: it goes on counting them
until their last ACK is too old.
"""

from __future__ import annotations

from typing import Final

from models.redis.replication import Replication
from models.redis.server import RedisServer
from sim.alarm import Alarm
from sim.clock import NS_PER_S
from sim.engine import Kernel
from sim.network import Route
from sim.state import Entity, state
from sim.watch import Watch


class Acknowledgements(Entity):
    """One replica as one master sees it: ``connected``, and too long silent or not."""

    master: Final[RedisServer]
    link: Final[Replication]
    route: Final[Route]
    lag: Final[Alarm]
    connected: bool = state(False)

    def __init__(self, kernel: Kernel, master: RedisServer, link: Replication) -> None:
        replica = link.server
        super().__init__(kernel, f"{master.address}<{replica.address}/acknowledgements")
        self.master = master
        self.link = link
        self.route = master.network.route(master.process.host.name, replica.process.host.name)
        self.lag = Alarm(kernel, f"{self.path}/lag")
        Watch(kernel, f"{self.path}/flows", lambda: self._flows, self._flow, initial=False)
        Watch(kernel, f"{self.path}/closed", lambda: self._closed, self._close, initial=False)

    @property
    def good(self) -> bool:
        """Whether the master counts it."""
        return self.connected and not self.lag.due

    @property
    def _flows(self) -> bool:
        return self.link.server.master is self.master and self.link.acknowledges

    @property
    def _closed(self) -> bool:
        """Whether the master has been told that the replica is gone."""
        replica = self.link.server
        streams = (
            replica.process.alive
            and replica.master is self.master
            and self.link.phase == "streaming"
        )
        return not streams and self.route.open and replica.process.host.running

    def _flow(self, flows: bool) -> None:
        if flows:
            self.connected = True
            self.lag.disarm()
            return
        self.lag.arm(self.kernel.now + self.master.spec.min_replicas_max_lag + self._beyond_ns())

    def _beyond_ns(self) -> int:
        """How much longer than max-lag it counts: whole seconds are compared, once a second.

        ``fraction`` and ``cron`` (of the master's second, of its cron) are the same for all its
        replicas that fall silent at one moment; the age of the last ACK is each one's own.
        """
        now = self.kernel.now
        fraction = self.kernel.stream(self.master.path, "second").uniform_at(now)
        cron = self.kernel.stream(self.master.path, "cron").uniform_at(now)
        age = self.kernel.stream(self.path, "last-ack").uniform_at(now)
        this_second = 1.0 if age < fraction else 0.0
        return round((this_second - fraction + cron) * NS_PER_S)

    def _close(self, closed: bool) -> None:
        if closed:
            self.connected = False
            self.lag.disarm()


def count_good_replicas(master: RedisServer, links: tuple[Replication, ...]) -> None:
    """Keep ``master.good_replicas`` up to date, if its configuration asks for any."""
    if master.spec.min_replicas_to_write == 0:
        return
    replicas = tuple(
        Acknowledgements(master.kernel, master, link) for link in links if link.server is not master
    )

    def count() -> int:
        return sum(replica.good for replica in replicas)

    def note(good: int) -> None:
        master.good_replicas = good

    Watch(master.kernel, f"{master.path}/good-replicas", count, note, initial=0)
