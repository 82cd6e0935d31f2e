"""Calls from one instance to the instances of another application, found by name.

Requests are not simulated one at a time: the answer of the resolver says which share of them goes
to which backend first (``consul.md`` sections 8 and 9), and each backend serves what it can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from models.application.spec import CallSpec
from models.process import Process
from sim.engine import Kernel
from sim.network import Network
from sim.state import Entity, computed


class Backend(Protocol):
    """An instance that others call."""

    @property
    def process(self) -> Process:
        """Its process."""

    def success_for(self, waiting: tuple[str, ...]) -> float:
        """Return the share of requests that succeed, for which the instances ``waiting`` wait."""


class Addressed(NamedTuple):
    """A backend, and the probability that a request goes to it first."""

    backend: Backend
    share: float


class Call(Entity):
    """The requests of one instance to one application."""

    process: Final[Process]
    callee: Final[str]
    spec: Final[CallSpec]
    network: Final[Network]
    resolve: Final[Callable[[], tuple[Addressed, ...]]]

    def __init__(
        self,
        kernel: Kernel,
        process: Process,
        callee: str,
        spec: CallSpec,
        network: Network,
        resolve: Callable[[], tuple[Addressed, ...]],
    ) -> None:
        super().__init__(kernel, f"{process.path}/{callee}")
        self.process = process
        self.callee = callee
        self.spec = spec
        self.network = network
        self.resolve = resolve

    @computed
    def shares(self) -> tuple[Addressed, ...]:
        """Where the requests go: those that find nobody at their first address may go on."""
        asked = self.resolve()
        if not self.spec.tries_next_address:
            return asked
        reached = [one for one in asked if self._reaches(one.backend)]
        weight = sum(one.share for one in reached)
        if not reached:
            return asked
        # Addresses that are never first share the overflow evenly.
        if weight == 0:
            return tuple(Addressed(one.backend, 1 / len(reached)) for one in reached)
        return tuple(Addressed(one.backend, one.share / weight) for one in reached)

    def _reaches(self, backend: Backend) -> bool:
        here, there = self.process.host.name, backend.process.host.name
        return backend.process.running and self.network.route(here, there).tcp

    def load_on(self, backend: Backend) -> float:
        """Return how many requests a second arrive at ``backend`` from here."""
        if not self.process.running:
            return 0.0
        share = sum(one.share for one in self.shares if one.backend is backend)
        return share * self.spec.request_rate if self._reaches(backend) else 0.0

    def success_for(self, waiting: tuple[str, ...]) -> float:
        """Return the share of requests that succeed: answered in time, and not with an error."""
        return sum(
            one.share * one.backend.success_for(waiting)
            for one in self.shares
            if self._reaches(one.backend)
        )
