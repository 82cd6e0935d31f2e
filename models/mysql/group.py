"""The servers of one replication group, by address, with the ledger of their writes."""

from __future__ import annotations

from models.mysql.ledger import Balance, Ledger
from models.mysql.server import MySqlServer


class MySqlGroup:
    """``servers`` by address. It builds none: they share one ledger and are made before."""

    def __init__(self, servers: tuple[MySqlServer, ...]) -> None:
        """Introduce the servers to each other; raises ValueError if they share no ledger."""
        self.servers = {server.address: server for server in servers}
        self.ledger: Ledger = servers[0].ledger
        if any(server.ledger is not self.ledger for server in servers):
            raise ValueError("the servers of a group share one ledger")
        for server in servers:
            server.group = servers

    def settle(self, master: MySqlServer) -> None:
        """Start everything; all others are slaves of ``master`` and in step."""
        self.ledger.promoted(master)
        master.process.start()
        for server in self.servers.values():
            if server is not master:
                server.master = master
                server.process.start()

    def in_step(self, slave: MySqlServer) -> bool:
        """Whether the slave receives the writes of a master that accepts writes."""
        master = slave.master
        return slave.io_thread.flows and master is not None and master.accepts_writes

    def follow_by_hand(self, master: MySqlServer) -> None:
        """Declare a server the line, as people do who send clients back to an old master."""
        self.ledger.gone_back(master)
        master.tell_listeners()

    def balance(self) -> Balance:
        """Return the acknowledged writes up to now, by fate."""
        return self.ledger.balance(tuple(self.servers.values()))

    def close(self) -> None:
        """Book everything up to now, at the end of a run."""
        self.ledger.flush()
