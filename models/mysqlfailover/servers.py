"""What mysqlfailover sees of a MySQL server, and what its SQL statements do there.

The tool and the server are two systems that meet here: the tool's side of the wire is this
protocol, and whoever models the server implements it. Nothing in it takes time or asks the
network; that is the tool's part (``connections.py``).
"""

from __future__ import annotations

from typing import Protocol

from models.process import Process


class ManagedServer(Protocol):
    """One mysqld. Its properties are observable state, for the tool's guards read them.

    Its methods may compute from the time: they are called only while the tool executes a query.
    """

    @property
    def address(self) -> str:
        """Its name in the trace, ``mysql@db01``."""

    @property
    def process(self) -> Process:
        """Its process."""

    @property
    def listening(self) -> bool:
        """Whether its port is open; False during crash recovery, when connections are refused."""

    @property
    def refuses_logins(self) -> bool:
        """Whether it accepts a connection only to say no: errors 1040, 1045, 1129."""

    @property
    def is_eligible(self) -> bool:
        """Whether GTID mode is on and the replication user is known on it."""

    @property
    def master(self) -> ManagedServer | None:
        """The server that SHOW SLAVE STATUS names; None if it is no slave."""

    @property
    def failover_console(self) -> str:
        """The row in ``mysql.failover_console``: the registered monitor, empty for none."""

    @failover_console.setter
    def failover_console(self, monitor: str) -> None: ...

    def relay_wait_ns(self) -> int | None:
        """Return how long until its SQL thread has applied what has been received, ns.

        None if the SQL thread has stopped: then nobody waits.
        """

    def missing_sources(self, other: ManagedServer) -> int:
        """Return of how many source UUIDs ``other`` holds transactions that this one lacks."""

    def fetch_from(self, other: ManagedServer) -> int:
        """CHANGE MASTER to ``other`` and START SLAVE; return ns until all is here and applied."""

    def stop_slave(self) -> None:
        """STOP SLAVE."""

    def change_master(self, master: ManagedServer) -> None:
        """CHANGE MASTER TO, with auto-position; starts nothing."""

    def reset_slave_all(self) -> None:
        """RESET SLAVE ALL: it is no slave any more."""

    def start_slave(self) -> None:
        """START SLAVE."""

    def errant_sources(self, others: tuple[ManagedServer, ...]) -> int:
        """Return from how many sources it holds transactions that none of ``others`` has.

        Those of the present master do not count.
        """
