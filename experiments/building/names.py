"""Name distribution on the hosts of a world: consul-template, dnsmasq, hosts file, resolver.

None of these models knows another, nor Consul: what couples them is wired here. consul-template
asks the Consul agent of its host, writes the hosts file and restarts dnsmasq; dnsmasq reads that
file and passes ``.consul`` on to the agent; the resolver reads the file and asks dnsmasq, which is
also asked by ``host`` in the script of a check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Interface
from typing import TYPE_CHECKING, ClassVar, Final

from models.consul.cluster import ConsulCluster
from models.consul.names import DnsAnswer
from models.consul_template.program import ConsulTemplate
from models.consul_template.spec import ConsulTemplateSpec
from models.dnsmasq.server import Dnsmasq
from models.dnsmasq.spec import DnsmasqSpec
from models.host import Host
from models.hosts_file import HostsFile
from models.process import Process
from models.resolver.runtimes import CachedName, Runtime, cached_name
from models.resolver.spec import ResolverSpec
from models.resolver.system import SystemResolver
from models.spec import LawField, Name, StrictModel
from sim.engine import Kernel
from sim.trace import Trace

if TYPE_CHECKING:
    from experiments.building.parts import ProcessTable

# glibc asks without EDNS, and both eras put at most 3 addresses into such a UDP answer
# (consul.md section 3).
_UDP_ANSWER_LIMIT: Final = 3


class TemplateOnHostsSpec(ConsulTemplateSpec):
    """consul-template; ``restart`` is the supervisor's delay, if any."""

    restart: LawField | None = None


class DnsmasqOnHostsSpec(DnsmasqSpec):
    """dnsmasq; ``restart`` is the supervisor's delay after a crash, if any."""

    restart: LawField | None = None


class NamesSpec(StrictModel):
    """How names reach programs; ``hosts`` are those with consul-template and dnsmasq (all hosts of
    the design if left out). The others ask the cloud's name servers and find nothing.
    """

    kind: ClassVar[str] = "names"
    hosts: tuple[Name, ...] | None = None
    consul_template: TemplateOnHostsSpec = TemplateOnHostsSpec()
    dnsmasq: DnsmasqOnHostsSpec
    resolver: ResolverSpec = ResolverSpec()


class Names:
    """The parts by host; ``templates`` and ``dnsmasqs`` only where they run."""

    def __init__(self) -> None:
        self.files: dict[str, HostsFile] = {}
        self.templates: dict[str, ConsulTemplate] = {}
        self.dnsmasqs: dict[str, Dnsmasq] = {}
        self.resolvers: dict[str, SystemResolver] = {}
        self._cached: dict[tuple[str, str, str], CachedName] = {}

    @property
    def rewrites(self) -> int:
        """How often hosts files were written, over all hosts."""
        return sum(template.rewrites for template in self.templates.values())

    @property
    def dnsmasq_restarts(self) -> int:
        """How often a dnsmasq was restarted, over all hosts."""
        return sum(dnsmasq.restarts for dnsmasq in self.dnsmasqs.values())

    def resolver(self, host: str) -> SystemResolver:
        """Return the C library's resolver of a host."""
        return self.resolvers[host]

    def cached(self, process: Process, name: str, runtime: Runtime) -> CachedName:
        """Return ``name`` as a process knows it by its runtime; called while the world is built."""
        key = process.path, name, runtime
        if key not in self._cached:
            resolver = self.resolvers[process.host.name]
            self._cached[key] = cached_name(process, resolver, name, runtime)
        return self._cached[key]

    def settle(self) -> None:
        """Put everything into the steady state of the present instant: rendered and loaded.

        Called when built, and again if the catalogue has been changed by hand since then.
        """
        for template in self.templates.values():
            template.settle()
        for dnsmasq in self.dnsmasqs.values():
            dnsmasq.reload()


def build_names(
    kernel: Kernel,
    trace: Trace,
    spec: NamesSpec,
    hosts: Mapping[str, Host],
    table: ProcessTable,
    consul: ConsulCluster,
    address_of: Callable[[str], IPv4Interface | None],
) -> Names:
    """Return the parts on all hosts, started and settled; call it after ``consul.bootstrap()``.

    Raises ValueError for a host of the spec that is not there or has no Consul agent.
    """
    chosen = set(hosts) if spec.hosts is None else set(spec.hosts)
    unknown = sorted(chosen - set(hosts) | chosen - set(consul.agents))
    if unknown:
        raise ValueError(f"names on hosts without a Consul agent: {', '.join(unknown)}")
    names = Names()
    for host in sorted(hosts):
        file = names.files[host] = HostsFile(kernel, host)
        if host in chosen:
            _put_on(host, names, trace, spec, table, consul)
        dnsmasq = names.dnsmasqs.get(host)
        dns = None if dnsmasq is None else dnsmasq.answer
        names.resolvers[host] = SystemResolver(
            kernel, hosts[host], spec.resolver, file, dns, address_of
        )
        consul.name_servers[host] = _name_server(hosts[host], dnsmasq)
    for host in names.templates:
        names.dnsmasqs[host].process.start()
        names.templates[host].process.start()
    names.settle()
    return names


def _name_server(host: Host, dnsmasq: Dnsmasq | None) -> Callable[[str], DnsAnswer]:
    """Return what ``host`` and ``dig`` get: the answer of whom resolv.conf names, and no file's."""

    def ask(name: str) -> DnsAnswer:
        if dnsmasq is None or host.resolv_conf_lost:
            # The cloud's own servers, which know no name of a world.
            return DnsAnswer("nxdomain")
        reply = dnsmasq.answer(name)
        return DnsAnswer(reply.status, reply.addresses)

    return ask


def _put_on(
    host: str,
    names: Names,
    trace: Trace,
    spec: NamesSpec,
    table: ProcessTable,
    consul: ConsulCluster,
) -> None:
    """Make dnsmasq and consul-template of one host."""
    file = names.files[host]

    def ask_agent(name: str) -> DnsAnswer:
        return consul.dns.answer(name, host)

    process = table.make("dnsmasq", host, spec.dnsmasq.restart)
    dnsmasq = Dnsmasq(process, trace, spec.dnsmasq, file, ask_agent, _UDP_ANSWER_LIMIT)
    names.dnsmasqs[host] = dnsmasq
    names.templates[host] = ConsulTemplate(
        table.make("consul-template", host, spec.consul_template.restart),
        trace,
        spec.consul_template,
        consul.spec.datacenter,
        consul.listing(host),
        file.write,
        dnsmasq.restart,
    )
