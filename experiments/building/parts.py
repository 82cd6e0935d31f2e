"""Hosts, network and processes of a world."""

from __future__ import annotations

from typing import Final

from experiments.design import DesignSpec
from models.host import Host
from models.process import Process
from sim.engine import Kernel
from sim.laws import Law, Mixture, Uniform
from sim.network import Network
from sim.trace import Trace

PUBLIC: Final = "public"
"""The users' end of the network: a host name that no fault strikes."""

# How long TCP takes to find its way again after a cut heals. On one layer-2 network: measured on
# C7_part30 (switch of the cut-off Sentinel - heal, 40 trials): 34 within 0.9 s, 6 from 1.6 to 3.1 s.
_SAME_SITE: Final = Mixture((0.85, 0.15), (Uniform(0.0, 0.9), Uniform(1.6, 3.1)))

# Through a router nobody answers ARP: SYN retransmission decides, 1 s doubling (Linux), cut off by
# Sentinel's reconnection every 15 s (sentinel.md section 1): attempts at 0, 1, 3, 7 s of each 15.
_OTHER_SITE: Final = Mixture(
    (1 / 15, 2 / 15, 4 / 15, 8 / 15),
    (Uniform(0.0, 1.0), Uniform(0.0, 2.0), Uniform(0.0, 4.0), Uniform(0.0, 8.0)),
)


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

    def return_law(one: str, other: str) -> Law:
        return _SAME_SITE if one == other else _OTHER_SITE

    return Network(kernel, site_of, delay_ns, return_law)


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
