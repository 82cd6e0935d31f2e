"""The runbooks of a MySQL group: what mysqlrpladmin, mysqlreplicate and a person's scripts do."""

from __future__ import annotations

from typing import Final

from experiments.building.mysql_store import MySqlStore
from models.application.pool import Server
from models.consul.cluster import ConsulCluster
from models.consul.hooks import deregister_master_db, register_master_db
from models.consul.http import HttpApi
from models.mysql.server import MySqlServer
from models.mysqlfailover.tool import MysqlFailover
from sim.state import Entity, hidden, state


class MySqlHands(Entity):
    """Scripts are run on the host of the server that is being promoted.

    ``stopped``: the server at which somebody has stopped writes for a swap.
    """

    store: Final[MySqlStore]
    consul: Final[ConsulCluster | None]
    planned: bool = state(False)
    stopped: MySqlServer | None = hidden(None)

    def __init__(self, store: MySqlStore, consul: ConsulCluster | None) -> None:
        super().__init__(store.kernel, f"hands/{store.name}")
        self.store = store
        self.consul = consul

    def _slaves(self) -> list[MySqlServer]:
        """Return the slaves that run, without those that are known not to work."""
        return [
            one
            for one in self.store.servers.values()
            if not one.is_master and _up(one) and not one.process.latent_noticed
        ]

    def candidate(self) -> Server | None:
        """Return the first slave that runs, one in step before the others."""
        slaves = self._slaves()
        in_step = [one for one in slaves if self.store.group.in_step(one)]
        return next(iter([*in_step, *slaves]), None)

    def ready_to_swap(self) -> bool:
        """Whether one master serves and a slave receives its writes."""
        in_step = any(self.store.group.in_step(one) for one in self._slaves())
        return len(self.store.accepting) == 1 and in_step

    def caught_up(self, server: Server) -> bool:
        """Whether all that its master has is in its tables (SHOW SLAVE STATUS: the GTID sets)."""
        slave = self.store.servers[server.address]
        master, now = slave.master, self.kernel.now
        if master is None or not slave.io_thread.flows or not slave.sql_running:
            return False
        if slave.sql_thread.wait_ns(now):
            return False
        behind_ns = slave.io_lag_ns() + slave.sql_lag_ns()
        return not master.offered_at(now).beyond(master.offered_at(now - behind_ns))

    def ready_stand_by(self) -> None:
        """SET GLOBAL read_only at the slaves as my.cnf has it.

        No step of the tool lifts it at whom it promotes (``mysqlfailover.md`` section 1.6).
        """
        read_only = self.store.spec.read_only
        for slave in self._slaves():
            if slave.read_only != read_only:
                slave.set_read_only(read_only)

    def stop_writes(self) -> None:
        """SET GLOBAL read_only at the master; its slaves catch up meanwhile."""
        for server in self.store.servers.values():
            if server.accepts_writes:
                self.stopped = server
                server.set_read_only(True)

    def resume_writes(self) -> None:
        """Take that back."""
        server, self.stopped = self.stopped, None
        if server is not None and server.is_master and _up(server):
            server.set_read_only(False)

    def promote(self, server: Server) -> None:
        """Make it the master and the others that run its slaves, and give them the names.

        A person, unlike the tool, lets the new master write and the old one not.
        """
        master = self.store.servers[server.address]
        published, api = self.store.spec.published, self._api(master)
        if published is not None and api is not None:
            deregister_master_db(api, published, lambda code: None)
        master.reset_slave_all()
        master.set_read_only(False)
        for other in self.store.servers.values():
            if other is not master and _up(other):
                other.set_read_only(True)
                other.rebuild_from(master)
        if published is not None and api is not None:
            register_master_db(
                api, published, master.process.host.name, lambda code: self._name_slave(master)
            )
        self._restart_monitors(master)

    def misnamed(self) -> bool:
        """Whether the name that the scripts give is not the master's: nothing repairs it by itself.

        A call that found no Consul leader is lost, and ``curl`` says nothing (``deck.md`` 3.2h).
        """
        published, master = self.store.spec.published, self.store.line
        if published is None or self.consul is None or master is None:
            return False
        named = dict(self.consul.catalogue.external).get(published.master_name)
        return named != master.process.host.name

    def make_serve(self) -> None:
        """Let the master write, which no failover does by itself, and register its name if wrong.

        ``mysqlfailover.md`` section 1.6: no step of the tool sets read_only=0 on the new master.
        """
        published, master = self.store.spec.published, self.store.line
        if master is None or not _up(master):
            return
        if master.is_master and master.read_only:
            master.set_read_only(False)
        if self.misnamed() and published and self.consul is not None:
            host = master.process.host.name
            self.consul.http(host).register_node(published.master_name, host, lambda status: None)

    # After a failover ------------------------------------------------------------------------

    def _strays(self, master: MySqlServer) -> list[MySqlServer]:
        """Return the other servers that run, and do not replicate from it or have given up."""
        return [
            one
            for one in self.store.servers.values()
            if one is not master
            and _up(one)
            and (one.master is not master or one.io_thread.running == "No" or not one.sql_running)
        ]

    def _blind(self, master: MySqlServer) -> list[MysqlFailover]:
        """Return the monitors that would not fail over from this master."""
        return [
            tool
            for tool in self.store.monitors
            if self._can_reach(tool, master)
            and (
                not tool.process.alive
                or tool.mode == "fail" != tool.spec.failover_mode
                or (tool.phase == "calm" and tool.master.address != master.address)
            )
        ]

    def astray(self) -> tuple[str, ...]:
        """Return the servers that do not follow the master, and the monitors that are blind."""
        master = self.store.line
        if master is None or not _up(master):
            return ()
        servers = [one.address for one in self._strays(master)]
        return (*servers, *(tool.process.path for tool in self._blind(master)))

    def put_right(self) -> None:
        """Clone the strays from the master, publish the slave's name, start the monitors anew.

        Of two masters the one stays to which the clients write, whoever was promoted last: people
        look before they wipe. The others' clients are cut off first and find the name. A stray that
        has no way to the master is left for another time.
        """
        self._settle_on_one()
        master = self.store.line
        if master is None or not _up(master):
            return
        network, here = master.network, master.process.host.name
        strays = [
            one for one in self._strays(master) if network.route(here, one.process.host.name).open
        ]
        for server in strays:
            server.kill_connections()
            server.rebuild_from(master)
        if strays:
            self.make_serve()
            self._name_slave(master)
        if strays or self._blind(master):
            self._restart_monitors(master)

    def _settle_on_one(self) -> None:
        """Make the master with the most client writes the one that stays, if there are two."""
        masters = [one for one in self.store.servers.values() if one.accepts_writes]
        if len(masters) > 1:
            line = self.store.line
            busiest = max(masters, key=lambda one: (one.attempted_per_s, one is line))
            if busiest is not line:
                self.store.follow_by_hand(busiest)

    def _api(self, master: MySqlServer) -> HttpApi | None:
        return self.consul.http(master.process.host.name) if self.consul is not None else None

    def _name_slave(self, master: MySqlServer) -> None:
        """Give the slave's name, which the script of slide 70 has taken away, to one that runs."""
        published, api = self.store.spec.published, self._api(master)
        servers = self.store.servers.values()
        slave = next((one for one in servers if one.master is master and _up(one)), None)
        if published is not None and api is not None and slave is not None:
            api.register_node(published.slave_name, slave.process.host.name, lambda status: None)

    def _can_reach(self, tool: MysqlFailover, master: MySqlServer) -> bool:
        """Whether people get to the monitor's host, and it would get to the master."""
        here, there = tool.process.host, master.process.host
        return here.running and master.network.route(here.name, there.name).open

    def _restart_monitors(self, master: MySqlServer) -> None:
        """Stop each monitor and start it with the servers as they are now, and --force."""
        slaves = tuple(
            one.process.host.name for one in self.store.servers.values() if one.master is master
        )
        for tool in self.store.monitors:
            if slaves and self._can_reach(tool, master):
                tool.restart_with(master.process.host.name, slaves)


def _up(server: MySqlServer) -> bool:
    return server.process.running and server.listening
