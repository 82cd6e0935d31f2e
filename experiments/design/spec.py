"""A whole design file, and what it says of itself."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from experiments.building.names import NamesSpec
from experiments.design.checks import check_design
from experiments.design.parts import (
    ApplicationGroupSpec,
    ConsulClusterSpec,
    HostSpec,
    MonitorSpec,
    MySqlGroupSpec,
    NetworkSpec,
    RedisGroupSpec,
    SentinelGroupSpec,
)
from models.operator import OperatorSpec
from models.spec import Name, StrictModel


class DesignSpec(StrictModel):
    """A design: data stores, whoever watches them, names, and the applications that use them."""

    kind: ClassVar[str] = "design"
    title: str
    description: str = ""
    hosts: dict[Name, HostSpec] = Field(min_length=1)
    network: NetworkSpec
    redis: dict[Name, RedisGroupSpec] = Field(default={})
    sentinel: dict[Name, SentinelGroupSpec] = Field(default={})
    mysql: dict[Name, MySqlGroupSpec] = Field(default={})
    mysqlfailover: dict[Name, MonitorSpec] = Field(default={})
    consul: ConsulClusterSpec | None = None
    names: NamesSpec | None = None
    applications: dict[Name, ApplicationGroupSpec] = Field(min_length=1)
    operator: OperatorSpec | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites in use, sorted."""
        return tuple(sorted({host.site for host in self.hosts.values()}))

    @property
    def stores(self) -> tuple[str, ...]:
        """The names of the data stores."""
        return (*self.redis, *self.mysql)

    @property
    def names_hosts(self) -> tuple[str, ...]:
        """The hosts with consul-template and dnsmasq, sorted."""
        if self.names is None:
            return ()
        return tuple(sorted(self.hosts if self.names.hosts is None else self.names.hosts))

    def service_of(self, name: str) -> str | None:
        """Return the Consul service under which a store or application is registered, if any."""
        services = self.consul.services if self.consul is not None else {}
        return next((service for service, spec in services.items() if spec.of == name), None)

    @model_validator(mode="after")
    def _fits_together(self) -> DesignSpec:
        check_design(self)
        return self
