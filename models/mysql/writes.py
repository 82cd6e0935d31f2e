"""Clients' writes as rates: what they try, what a master acknowledges, what a slave executes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from models.mysql.server import MySqlServer
from sim.watch import Watch


class Rates(NamedTuple):
    """Writes a second: tried by connected clients, acknowledged by a master, errant on a slave."""

    attempted_per_s: float
    accepted_per_s: float
    errant_per_s: float


_NOTHING = Rates(0.0, 0.0, 0.0)


class WriteMeter:
    """Keeps a server's position growing at the rate at which its clients' writes are executed.

    ``attempted_per_s`` is what the clients connected to this server send, whether or not it is
    executed: a commit that waits for a slave is a client that waits, not one that has gone.
    """

    def __init__(self, server: MySqlServer, attempted_per_s: Callable[[], float]) -> None:
        self.server = server
        self.attempted_per_s = attempted_per_s
        Watch(server.kernel, f"{server.path}/writes", self._rates, self._set, initial=_NOTHING)

    def _rates(self) -> Rates:
        tried = self.attempted_per_s()
        accepted = tried if self.server.accepts_writes else 0.0
        return Rates(tried, accepted, tried if self.server.executes_errant_writes else 0.0)

    def _set(self, rates: Rates) -> None:
        self.server.attempted_per_s = rates.attempted_per_s
        self.server.accept_rate(rates.accepted_per_s, errant_per_s=rates.errant_per_s)
