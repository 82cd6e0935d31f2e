"""A MySQL replication group with the monitors that watch it, as one data store of a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, cast

from experiments.building.parts import Ground
from experiments.design.parts import MonitorSpec, MySqlGroupSpec
from experiments.stages import Stage
from models.application.pool import Server
from models.consul.cluster import ConsulCluster
from models.consul.hooks import HooksSpec, deregister_master_db, register_master_db
from models.consul.http import HttpApi
from models.mysql.group import MySqlGroup
from models.mysql.ledger import Ledger
from models.mysql.server import MySqlServer
from models.mysql.writes import WriteMeter
from models.mysqlfailover.hooks import Hooks
from models.mysqlfailover.servers import ManagedServer
from models.mysqlfailover.tool import MysqlFailover
from sim.clock import from_seconds
from sim.state import Entity, computed, state

# A refused connection is confirmed 24 s after the sleep in which it began (section 1.5, case a).
_CONFIRMED_NS: Final = from_seconds(24)


class MySqlStore(Entity):
    """The servers of a group by address; ``monitors`` are added when there is a Consul to tell.

    ``by_hand``: people promote a slave when the master fails. ``line``: the server that was
    promoted last, whose transactions are those that survive.
    """

    name: Final[str]
    by_hand: Final[bool]
    spec: Final[MySqlGroupSpec]
    group: Final[MySqlGroup]
    first_master: Final[MySqlServer]
    monitors: tuple[MysqlFailover, ...] = state(())
    line: MySqlServer | None = state(None)

    def __init__(self, ground: Ground, name: str) -> None:
        """Build the group in its steady state, slaves in step."""
        super().__init__(ground.kernel, f"store/{name}")
        self.name = name
        self.by_hand = ground.by_hand(name)
        self.spec = spec = ground.design.mysql[name]
        ledger = Ledger(ground.kernel)
        servers = []
        for host in spec.hosts:
            process = ground.table.make("mysql", host, spec.restart)
            servers.append(MySqlServer(ground.kernel, process, spec, ledger, ground.network))
        self.group = MySqlGroup(tuple(servers))
        self.first_master = self.group.servers[f"mysql@{spec.master}"]
        self.group.settle(self.first_master)
        self.line = self.first_master
        self.when_roles_change(self._follow_line)

    def follow_by_hand(self, server: MySqlServer) -> None:
        """Go on with that server's transactions: people send the clients there."""
        self.group.follow_by_hand(server)
        self._follow_line()

    def _follow_line(self) -> None:
        line = self.group.ledger.line
        self.line = next((one for one in self.servers.values() if one is line), None)

    @property
    def servers(self) -> Mapping[str, MySqlServer]:
        """The servers by address."""
        return self.group.servers

    def watch(self, ground: Ground, consul: ConsulCluster | None) -> None:
        """Start the monitors of the group, in the steady state."""
        by_host = {server.process.host.name: server for server in self.servers.values()}
        # A server takes another of its own kind as its master, the tool's protocol any.
        managed = cast("Mapping[str, ManagedServer]", by_host)
        for name, spec in sorted(ground.design.mysqlfailover.items()):
            if spec.of != self.name:
                continue
            process = ground.table.make(name, spec.host, spec.restart)
            hooks = Hooks()
            if self.spec.published is not None and consul is not None:
                hooks = _scripts(spec, self.spec.published, consul.http(spec.host))
            tool = MysqlFailover(process, ground.network, spec, managed, ground.trace, hooks)
            process.start()
            tool.settle()
            self.monitors = (*self.monitors, tool)

    def server_on(self, host: str) -> MySqlServer | None:
        """Return the server on a host, if there is one."""
        return self.servers.get(f"mysql@{host}")

    # As a data store -------------------------------------------------------------------------

    @computed
    def accepting(self) -> tuple[Server, ...]:
        """The masters that would acknowledge a write."""
        return tuple(server for server in self.servers.values() if server.accepts_writes)

    @computed
    def protected(self) -> bool:
        """Whether the loss of the master's host would be survived now.

        A slave on another host receives its writes, and a monitor on another host watches it in a
        mode that promotes; or people are there to promote it.
        """
        if len(self.accepting) != 1:
            return False
        master = self.accepting[0]
        in_step = any(
            server.master is master and self.group.in_step(server)
            for server in self.servers.values()
        )
        return in_step and (self.by_hand or self._watched_from_elsewhere(master))

    def _watched_from_elsewhere(self, master: Server) -> bool:
        return any(
            tool.process.running
            and tool.process.host is not master.process.host
            and tool.mode != "fail"
            and tool.master.address == master.address
            for tool in self.monitors
        )

    @property
    def awaits(self) -> Stage:
        """While nobody accepts writes: how far its monitors are; the one that is furthest counts.

        A monitor that stands still counts: it goes on. One that has exited, that is in mode fail,
        or that can log in at the master which it watches, does not.
        """
        if not any(_could_replace(server) for server in self.servers.values()):
            return "no-spare"
        phases = {tool.phase for tool in self.monitors if _could_act(tool)}
        if "failing-over" in phases:
            return "promote"
        if "suspects" in phases:
            return "agree"
        return "detect" if "calm" in phases else "repair"

    @property
    def lost(self) -> float:
        """Acknowledged writes that are absent from what survives, so far."""
        return self.group.ledger.lost

    @property
    def detection_ns(self) -> int:
        """The interval of the slowest monitor, and the 24 s that it takes to find a mysqld dead.

        ``mysqlfailover.md`` section 1.5: at most so long while its host answers. Into silence
        it takes a quarter of an hour, which counts as missed.
        """
        intervals = [tool.spec.interval for tool in self.monitors]
        return max(intervals, default=0) + _CONFIRMED_NS

    @property
    def masters(self) -> frozenset[str]:
        """The servers that are nobody's slave."""
        return frozenset(one.address for one in self.servers.values() if one.is_master)

    def meter_writes(self, offered_per_s: Callable[[Server], float]) -> None:
        """Have each server's data grow with what its clients write."""
        for server in self.servers.values():
            WriteMeter(server, partial(offered_per_s, server))

    def when_roles_change(self, listener: Callable[[], object]) -> None:
        """Call ``listener`` after each change of role."""
        for server in self.servers.values():
            server.role_listeners = (*server.role_listeners, listener)

    def promoted(self, address: str) -> bool:
        """Whether that server's line is the one that survives."""
        return self.line is self.servers[address]

    def close(self) -> None:
        """Bring the ledger up to the end of the run."""
        self.group.close()


def _could_replace(server: MySqlServer) -> bool:
    """Whether it is a slave that runs and may be promoted, not one that is known not to work."""
    process = server.process
    runs = process.running and server.listening and not process.latent_noticed
    return runs and not server.is_master and server.is_eligible


def _could_act(tool: MysqlFailover) -> bool:
    """Whether a failover by this monitor is under way, or may still come."""
    if not tool.process.alive:
        return False
    if tool.phase == "failing-over":
        return True
    return tool.mode != "fail" and tool.connections.standing(tool.master) != "open"


def _scripts(monitor: MonitorSpec, spec: HooksSpec, api: HttpApi) -> Hooks:
    """The talk's two scripts, run on the monitor's host (slides 69 and 70)."""

    def before(
        old: ManagedServer, new: ManagedServer | None, done: Callable[[int], object]
    ) -> None:
        deregister_master_db(api, spec, done)

    def after(old: ManagedServer, new: ManagedServer | None, done: Callable[[int], object]) -> None:
        assert new is not None
        register_master_db(api, spec, new.process.host.name, done)

    return Hooks(
        exec_before=before if monitor.exec_before else None,
        exec_after=after if monitor.exec_after else None,
    )
