"""The applications of a world: their instances, connected and metered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from experiments.building.parts import Ground
from experiments.building.resolution import Directory
from experiments.building.stores import Store
from models.application.application import Application
from models.application.call import Call
from models.application.pool import Pool, Server

Applications = Mapping[str, tuple[Application, ...]]


def build_instances(ground: Ground) -> dict[str, tuple[Application, ...]]:
    """Return the running instances by application; they depend on nothing as yet."""
    made: dict[str, tuple[Application, ...]] = {}
    for name in sorted(ground.design.applications):
        spec = ground.design.applications[name]
        instances = []
        for program in sorted(spec.instances):
            process = ground.table.make(program, spec.instances[program], spec.restart)
            instances.append(Application(ground.kernel, name, process, spec))
            process.start()
        made[name] = tuple(instances)
    return made


def connect(
    ground: Ground,
    applications: Applications,
    stores: Mapping[str, Store],
    directory: Directory,
) -> None:
    """Give every instance its connections and calls, as in the steady state."""
    for name in sorted(applications):
        for instance in applications[name]:
            _connect(ground, instance, stores, directory)
            _call(ground, instance, directory)
    calls = [call for group in applications.values() for one in group for call in one.calls]
    for name, group in applications.items():
        for instance in group:
            instance.callers = tuple(call for call in calls if call.callee == name)
    everyone = tuple(instance for group in applications.values() for instance in group)
    for store in stores.values():
        pools = [pool for one in everyone for pool in one.pools if pool.store == store.name]
        store.meter_writes(partial(_offered_per_s, pools))


def _offered_per_s(pools: list[Pool], server: Server) -> float:
    return sum(pool.spec.write_rate for pool in pools if pool.attempts_at is server)


def _connect(
    ground: Ground,
    instance: Application,
    stores: Mapping[str, Store],
    directory: Directory,
) -> None:
    pools = []
    for store in sorted(instance.spec.stores):
        spec = instance.spec.stores[store]
        resolve = directory.resolver(stores[store], spec, instance.process)
        pool = Pool(ground.kernel, instance.process, store, spec, ground.network, resolve)
        pool.settle(stores[store].first_master)
        pools.append(pool)
    instance.pools = tuple(pools)


def _call(ground: Ground, instance: Application, directory: Directory) -> None:
    calls = []
    for callee in sorted(instance.spec.calls):
        spec = instance.spec.calls[callee]
        resolve = directory.backends(callee, spec, instance.process)
        calls.append(Call(ground.kernel, instance.process, callee, spec, ground.network, resolve))
    instance.calls = tuple(calls)
