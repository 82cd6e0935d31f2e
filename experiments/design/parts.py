"""The blocks of a design file: the systems' own options, and where each runs."""

from __future__ import annotations

from ipaddress import IPv4Interface
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from models.application.spec import ApplicationSpec
from models.consul.hooks import HooksSpec
from models.consul.spec import CheckSpec, ConsulSpec, HttpCheckSpec
from models.mysql.spec import MySqlSpec
from models.mysqlfailover.spec import MysqlFailoverSpec
from models.quantities import shown
from models.redis.spec import RedisSpec
from models.sentinel.spec import SentinelSpec
from models.spec import AtPath, Duration, LawField, Name, Probability, StrictModel, YesNo
from sim.clock import from_seconds


def _read_address(value: object) -> IPv4Interface:
    if isinstance(value, IPv4Interface):
        return value
    if not isinstance(value, str) or "/" not in value:
        raise ValueError(f"expected an address such as 192.0.2.11/24, got {shown(value)}")
    try:
        return IPv4Interface(value)
    except ValueError:
        raise ValueError(f"{shown(value)} is not an IPv4 address with its prefix length") from None


Address = Annotated[
    IPv4Interface,
    PlainValidator(_read_address),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["192.0.2.11/24"]}),
]
"""An IPv4 address with the length of its subnet's prefix."""


class HostSpec(StrictModel):
    """A host: where it stands, how fast its disk is, how long it boots.

    ``fsync`` defaults to the disk of the measured clusters (``sentinel.md``: 0.25 ms). ``address``
    matters only to the order in which getaddrinfo returns several (``consul.md`` section 8.1).
    ``busy: yes`` marks a host that other work loads with I/O, such as the talk's admin host.
    """

    kind: ClassVar[str] = "host"
    site: Name
    fsync: Duration = from_seconds(0.25e-3)
    boot: LawField
    address: Address | None = None
    busy: YesNo = False


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
    """A master and its replicas, by host; ``restart`` is the supervisor's delay, if any.

    ``replica_priorities``: the ``replica-priority`` of those whose redis.conf has another one.
    """

    master: Name
    replicas: tuple[Name, ...] = ()
    replica_priorities: dict[Name, Annotated[int, Field(ge=0)]] = Field(default={})
    restart: LawField | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of its servers, sorted."""
        return tuple(sorted((self.master, *self.replicas)))

    def server_on(self, host: str) -> RedisSpec:
        """Return the options of the server on this host."""
        priority = self.replica_priorities.get(host, self.replica_priority)
        return self.model_copy(update={"replica_priority": priority})


class SentinelGroupSpec(SentinelSpec):
    """The Sentinels of the master of the same name; ``restart`` as for Redis."""

    restart: LawField | None = None


class MySqlGroupSpec(MySqlSpec):
    """A master and its slaves, by host; ``restart`` is mysqld_safe's delay, if it runs.

    ``published``: the names that the talk's scripts take from a failed master and give the new one.
    """

    master: Name
    slaves: tuple[Name, ...] = ()
    published: HooksSpec | None = None
    restart: LawField | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of its servers, sorted."""
        return tuple(sorted((self.master, *self.slaves)))


class MonitorSpec(MysqlFailoverSpec):
    """A mysqlfailover on ``host`` that watches the MySQL group ``of``; it names servers by host.

    ``exec-before`` and ``exec-after`` are the talk's scripts, run on its host. ``restart`` is the
    supervisor's delay, if it has one.
    """

    host: Name
    of: Name
    exec_before: Literal["deregister-master-db.sh"] | None = None
    exec_after: Literal["register-master-db.sh"] | None = None
    restart: LawField | None = None


class ConsulServiceSpec(StrictModel):
    """A service definition, the same file on each host of what it is ``of``.

    ``of`` names a Redis group (``check``: the talk's script) or an application (``http-check``).
    """

    kind: ClassVar[str] = "service"
    of: Name
    tags: tuple[Name, ...] = ()
    check: CheckSpec | None = None
    http_check: HttpCheckSpec | None = None

    @model_validator(mode="after")
    def _one_check(self) -> ConsulServiceSpec:
        if (self.check is None) == (self.http_check is None):
            raise AtPath(("of",), "a service needs either check (a script) or http-check")
        return self


class ConsulClusterSpec(ConsulSpec):
    """A Consul cluster with an agent on each host, and the services that are registered in it."""

    services: dict[Name, ConsulServiceSpec] = Field(default={})
    restart: LawField | None = None


class ApplicationGroupSpec(ApplicationSpec):
    """An application. A second is *down* while less than ``down_below`` of its requests succeed.

    95 % is ``failures.md`` section 4 ("time availability", an assumption there).
    """

    down_below: Probability = 0.95
    restart: LawField | None = None
