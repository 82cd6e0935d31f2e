"""What a design file says: hosts, services, placement, timers, in the real systems' own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from models.application import ApplicationSpec
from models.consul.spec import ConsulSpec, ServiceSpec
from models.operator import OperatorSpec
from models.redis.spec import RedisSpec
from models.sentinel.spec import SentinelSpec
from models.spec import AtPath, Duration, LawField, Name, Probability, StrictModel
from sim.clock import from_seconds


class HostSpec(StrictModel):
    """A host: where it stands, how fast its disk is, how long it boots.

    ``fsync`` defaults to the disk of the measured clusters (``sentinel.md``: 0.25 ms).
    """

    kind: ClassVar[str] = "host"
    site: Name
    fsync: Duration = from_seconds(0.25e-3)
    boot: LawField


class NetworkSpec(StrictModel):
    """One-way delays between hosts of one site, and of different sites.

    ``tcp_syn_linear_timeouts`` is Linux's sysctl: 4 since kernel 6.5, 0 for the doubling SYN
    retransmission of older kernels (other values are not modelled).
    """

    kind: ClassVar[str] = "network"
    within_site: Duration
    between_sites: Duration | None = None
    tcp_syn_linear_timeouts: Literal[0, 4] = 4


class RedisGroupSpec(RedisSpec):
    """A master and its replicas, by host; ``restart`` is the supervisor's delay, if any."""

    master: Name
    replicas: tuple[Name, ...] = ()
    restart: LawField | None = None


class SentinelGroupSpec(SentinelSpec):
    """The Sentinels of the master of the same name; ``restart`` as for Redis."""

    restart: LawField | None = None


class ConsulClusterSpec(ConsulSpec):
    """A Consul cluster with an agent on each host, and the services that the Redis hosts run."""

    service: ServiceSpec
    restart: LawField | None = None


class ApplicationGroupSpec(ApplicationSpec):
    """The application. A second is *down* while less than ``down_below`` of its writes succeed.

    95 % is ``failures.md`` section 4 ("time availability", an assumption there).
    """

    down_below: Probability = 0.95
    restart: LawField | None = None


class DesignSpec(StrictModel):
    """A design. Exactly one Redis group, with Sentinels of the same name or none."""

    kind: ClassVar[str] = "design"
    title: str
    description: str = ""
    hosts: dict[Name, HostSpec] = Field(min_length=1)
    network: NetworkSpec
    redis: dict[Name, RedisGroupSpec] = Field(min_length=1, max_length=1)
    sentinel: dict[Name, SentinelGroupSpec] = Field(default={}, max_length=1)
    consul: ConsulClusterSpec | None = None
    application: ApplicationGroupSpec
    operator: OperatorSpec | None = None

    @property
    def group(self) -> RedisGroupSpec:
        """The Redis group."""
        return next(iter(self.redis.values()))

    @property
    def watchers(self) -> SentinelGroupSpec | None:
        """The Sentinels, if there are any."""
        return next(iter(self.sentinel.values()), None)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites in use, sorted."""
        return tuple(sorted({host.site for host in self.hosts.values()}))

    @model_validator(mode="after")
    def _hosts_are_known(self) -> DesignSpec:
        for path, host in self._placements():
            if host not in self.hosts:
                raise AtPath(path, f"unknown host '{host}'; the hosts are {_listed(self.hosts)}")
        return self

    @model_validator(mode="after")
    def _names_tell_apart(self) -> DesignSpec:
        for name in self.hosts:
            if name in self.sites:
                raise AtPath(("hosts", name), f"a site is called '{name}' too; faults name both")
        return self

    @model_validator(mode="after")
    def _names_fit_together(self) -> DesignSpec:
        for name, group in self.redis.items():
            if group.master in group.replicas:
                raise AtPath(
                    ("redis", name, "replicas"), f"'{group.master}' is the master and a replica"
                )
            if group.min_replicas_to_write > len(group.replicas):
                raise AtPath(
                    ("redis", name, "min-replicas-to-write"),
                    f"{group.min_replicas_to_write} replicas, and there are {len(group.replicas)}: "
                    "no write could ever be accepted",
                )
            if len(set(group.replicas)) < len(group.replicas):
                raise AtPath(("redis", name, "replicas"), "a host is named twice")
        for name, watchers in self.sentinel.items():
            if name not in self.redis:
                raise AtPath(
                    ("sentinel", name),
                    f"sentinel '{name}' monitors no redis; the redis is {_listed(self.redis)}",
                )
            if watchers.quorum > len(watchers.processes):
                raise AtPath(
                    ("sentinel", name, "quorum"),
                    f"quorum {watchers.quorum} of sentinel '{name}' is above the number of "
                    f"Sentinels, {len(watchers.processes)}: no failover could ever start",
                )
        return self

    @model_validator(mode="after")
    def _what_is_asked_exists(self) -> DesignSpec:
        if len(self.sites) > 1 and self.network.between_sites is None:
            raise AtPath(
                ("network",), f"between-sites is missing, and there are sites {_listed(self.sites)}"
            )
        resolver = self.application.resolver
        if resolver == "consul" and self.consul is None:
            raise AtPath(("application", "resolver"), "resolver 'consul' needs a consul block")
        if resolver == "sentinel" and not self.sentinel:
            raise AtPath(("application", "resolver"), "resolver 'sentinel' needs a sentinel block")
        moves = self.operator is not None and self.operator.move_sentinels is not None
        if moves and not self.sentinel:
            raise AtPath(("operator", "move-sentinels"), "there are no Sentinels to move")
        return self

    def _placements(self) -> Iterable[tuple[tuple[str | int, ...], str]]:
        for name, group in self.redis.items():
            yield ("redis", name, "master"), group.master
            for place, host in enumerate(group.replicas):
                yield ("redis", name, "replicas", place), host
        for name, watchers in self.sentinel.items():
            for process, host in watchers.processes.items():
                yield ("sentinel", name, "processes", process), host
        if self.consul is not None:
            for place, host in enumerate(self.consul.servers):
                yield ("consul", "servers", place), host
        for instance, host in self.application.instances.items():
            yield ("application", "instances", instance), host


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
