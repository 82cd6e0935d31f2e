"""The Consul cluster of a world, with a check for each service on each host that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from experiments.building.parts import Ground
from experiments.building.redis_store import RedisStore
from experiments.design.parts import ConsulClusterSpec, ConsulServiceSpec
from models.application.application import Application
from models.consul.cluster import ConsulCluster


def build_consul(
    ground: Ground,
    redis: Mapping[str, RedisStore],
    applications: Mapping[str, tuple[Application, ...]],
) -> ConsulCluster | None:
    """Return the cluster in its steady state, an agent on each host; None without a consul block.

    Called when what is checked runs.
    """
    spec = ground.design.consul
    if spec is None:
        return None
    agents = {host: ground.table.make("consul", host, spec.restart) for host in ground.hosts}
    cluster = ConsulCluster(ground.kernel, ground.trace, ground.network, spec, agents)
    for name in sorted(spec.services):
        service = spec.services[name]
        if service.check is not None:
            _check_redis(cluster, name, service, redis[service.of])
        else:
            _check_application(cluster, name, service, applications[service.of])
    for process in agents.values():
        process.start()
    cluster.bootstrap()
    return cluster


def _check_redis(
    cluster: ConsulCluster, name: str, service: ConsulServiceSpec, store: RedisStore
) -> None:
    assert service.check is not None
    for host in store.spec.hosts:
        probe = partial(store.role_on, host)
        cluster.register_check(host, name, service.tags, service.check, probe)


def _check_application(
    cluster: ConsulCluster,
    name: str,
    service: ConsulServiceSpec,
    instances: tuple[Application, ...],
) -> None:
    assert service.http_check is not None
    for instance in instances:
        host = instance.process.host.name
        cluster.register_http_check(host, name, service.tags, service.http_check, instance.health)


def service_name(spec: ConsulClusterSpec, service: str) -> str:
    """Return the DNS name of a service, under its first tag if it has one."""
    tags = spec.services[service].tags[:1]
    return ".".join((*tags, service, "service", spec.datacenter, "consul"))
