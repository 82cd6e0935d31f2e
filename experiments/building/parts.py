"""The ground that a world stands on: its hosts, network and processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from experiments.design import DesignSpec
from models.host import Host
from models.process import Process
from sim.engine import Kernel
from sim.laws import Law, Uniform
from sim.network import Network
from sim.tcp import SYNS_DOUBLING_NS, SYNS_LINEAR_NS
from sim.trace import Trace

PUBLIC: Final = "public"
"""The users' end of the network: a host name that no fault strikes."""

# Replication and applications try to connect about once a second (replicationCron; an
# application's retry interval), so they find a healed path within a second.
_RETRIED_EVERY_SECOND: Final = Uniform(0.0, 1.0)


def build_hosts(kernel: Kernel, trace: Trace, design: DesignSpec) -> dict[str, Host]:
    """Return the hosts by name, sorted."""
    return {
        name: Host(kernel, name, trace, design.hosts[name].fsync) for name in sorted(design.hosts)
    }


def build_network(kernel: Kernel, design: DesignSpec) -> Network:
    """Return the network; the public end is one site away from everybody."""
    site_of = {name: host.site for name, host in design.hosts.items()}
    site_of[PUBLIC] = PUBLIC
    within, between = design.network.within_site, design.network.between_sites

    def delay_ns(one: str, other: str) -> int:
        return within if one == other or between is None else between

    linear = design.network.tcp_syn_linear_timeouts > 0
    syns_ns = SYNS_LINEAR_NS if linear else SYNS_DOUBLING_NS
    return Network(kernel, site_of, delay_ns, lambda one, other: _RETRIED_EVERY_SECOND, syns_ns)


class ProcessTable:
    """Makes processes and keeps them by name (``redis@a01``)."""

    def __init__(self, kernel: Kernel, design: DesignSpec, hosts: dict[str, Host]) -> None:
        self.kernel = kernel
        self.design = design
        self.hosts = hosts
        self.by_name: dict[str, Process] = {}

    def make(self, program: str, host: str, restart: Law | None) -> Process:
        """Make the process ``program@host``; ``restart`` is the supervisor's delay, if any."""
        name = f"{program}@{host}"
        if name in self.by_name:
            raise ValueError(f"two processes are called {name}")
        boot = self.design.hosts[host].boot
        process = Process(self.kernel, name, self.hosts[host], supervisor=restart, boot=boot)
        self.by_name[name] = process
        return process


@dataclass(frozen=True)
class Ground:
    """What the systems of a world stand on."""

    kernel: Kernel
    trace: Trace
    design: DesignSpec
    hosts: dict[str, Host]
    network: Network
    table: ProcessTable

    @classmethod
    def prepared(cls, kernel: Kernel, design: DesignSpec, *, traced: bool) -> Ground:
        """Return hosts and network of a design, on which nothing runs as yet."""
        trace = Trace(enabled=traced)
        hosts = build_hosts(kernel, trace, design)
        network = build_network(kernel, design)
        return cls(kernel, trace, design, hosts, network, ProcessTable(kernel, design, hosts))

    def by_hand(self, store: str) -> bool:
        """Whether people replace the master of that store."""
        operator = self.design.operator
        return operator is not None and store in operator.promote_by_hand
