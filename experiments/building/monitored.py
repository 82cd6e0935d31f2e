"""Joins a Redis server to the Sentinels that watch it: neither model knows the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from models.process import Process
from models.redis.replication import Replication
from models.redis.server import RedisServer
from models.sentinel.instance import Info
from sim.engine import Kernel
from sim.state import Entity, computed


class MonitoredRedis(Entity):
    """A Redis server with its replication link, as Sentinel sees it."""

    address: Final[str]
    process: Final[Process]
    server: Final[RedisServer]
    link: Final[Replication]
    group: Final[Mapping[str, MonitoredRedis]]

    def __init__(
        self,
        kernel: Kernel,
        server: RedisServer,
        link: Replication,
        group: Mapping[str, MonitoredRedis],
    ) -> None:
        super().__init__(kernel, f"{server.address}/monitored")
        self.address = server.address
        self.process = server.process
        self.server = server
        self.link = link
        self.group = group

    @computed
    def reply(self) -> Info:
        """INFO as far as Sentinel reads it; one cell for all that ask."""
        server = self.server
        replicas = tuple(
            address
            for address, other in self.group.items()
            if other.server.master is server and other.link.phase in ("syncing", "streaming")
        )
        master = server.master.address if server.master is not None else ""
        return Info(server.role, master, self.link.up, self.process.incarnation, replicas)

    def info(self) -> Info:
        """Return the INFO reply."""
        return self.reply

    def priority(self) -> int:
        """Return ``replica-priority``."""
        return self.server.spec.replica_priority

    def offset(self) -> float:
        """Return the replication offset, in writes."""
        return self.server.head_now().offset

    def link_down_ns(self) -> int:
        """Return INFO's ``master_link_down_since_seconds``, ns; 0 while up, and for a master."""
        since_ns = self.link.since_ns if self.server.role == "slave" else -1
        return 0 if since_ns < 0 else self.kernel.now - since_ns

    def replicaof_no_one(self) -> None:
        """Become a master."""
        self.server.replicaof_no_one()

    def replicaof(self, address: str) -> None:
        """Become a replica of the server at ``address``."""
        self.server.replicaof(self.group[address].server)
