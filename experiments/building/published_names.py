"""What the published names of the masters say, as the applications are told.

Source of the states: ``failures.md`` section 4 ("name states").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from experiments.building.resolution import Answer, Directory
from experiments.building.stores import Store
from experiments.design.spec import DesignSpec
from models.application.application import Application
from sim.engine import Kernel
from sim.state import Entity, computed

NameState = Literal["right", "empty", "wrong", "double"]


class PublishedName(Entity):
    """The name of a store's master, seen from the first host of its users that runs."""

    name: Final[str]
    store: Final[Store]
    seen_by: Final[tuple[tuple[Application, Callable[[], Answer]], ...]]

    def __init__(
        self,
        kernel: Kernel,
        name: str,
        store: Store,
        seen_by: tuple[tuple[Application, Callable[[], Answer]], ...],
    ) -> None:
        super().__init__(kernel, f"name/{name}")
        self.name = name
        self.store = store
        self.seen_by = seen_by

    @computed
    def state(self) -> NameState:
        """Empty, double, right (a master that accepts writes), or wrong."""
        asks = (ask for user, ask in self.seen_by if user.process.running)
        hosts = next(asks, self.seen_by[0][1])().hosts
        if not hosts:
            return "empty"
        if len(hosts) > 1:
            return "double"
        server = self.store.server_on(hosts[0])
        return "right" if server in self.store.accepting else "wrong"


def published_names(
    kernel: Kernel,
    design: DesignSpec,
    stores: Mapping[str, Store],
    applications: Mapping[str, tuple[Application, ...]],
    directory: Directory,
) -> tuple[PublishedName, ...]:
    """Return the names under which the applications of a design look its masters up, by name."""
    users: dict[str, list[tuple[Application, Callable[[], Answer]]]] = {}
    of: dict[str, Store] = {}
    for name in sorted(applications):
        for instance in applications[name]:
            for store, use in sorted(instance.spec.stores.items()):
                if use.resolver not in ("consul", "system"):
                    continue
                sought = directory.name_of(store, use.lookup)
                ask = directory.look_up(use.resolver, sought, instance.process)
                users.setdefault(sought, []).append((instance, ask))
                of[sought] = stores[store]
    return tuple(
        PublishedName(kernel, name, of[name], tuple(users[name])) for name in sorted(users)
    )
