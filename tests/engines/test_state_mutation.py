"""Every declared state is needed: made invisible to the kernel, each of them is found out.

What guards wake by is what they read while they are recorded, so the mistake that remains is an
attribute that guards read and that is not declared. Two facts together exclude it:

* every attribute declared with ``state`` is read under recording in the worlds below (the rest
  need not have been declared, and is listed);
* an attribute that is not declared (``hidden``) raises where a recorded function reads it.

So turning any one declaration into a plain attribute stops these worlds with a StateError. For a
sample of declarations that is done, not only argued.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import experiments
import models
import sim
from experiments.design import DesignSpec
from experiments.engines import DESIGNS, stressed_order
from experiments.loading import load_spec
from experiments.simulation import simulate
from sim import state as observable
from sim.state import Entity, StateError

Declaration = tuple[type[Entity], str]

ALL_OPTIONS = ("consul.era=new", "redis.foo.min-replicas-to-write=1")
TWO_REPLICAS = ("hosts.a03={site: east, boot: 2min}", "redis.foo.replicas=[a02, a03]")
BY_PEOPLE = (
    "operator.swaps={every: 10min, stores: [foo-db], takes: 30s}",
    "applications.web.stores.foo-db.buffer={size: 1000, timeout: 30s}",
)
SEMI_SYNC = (
    "mysql.foo-db.rpl-semi-sync-master-enabled=yes",
    "mysql.foo-db.rpl-semi-sync-slave-enabled=yes",
)
CALL = "applications.bar-app.calls.foo-app"
NAMES = ("names.resolver.nscd=yes", "names.consul-template.wait={min: 2s}")
WORLDS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("deck-redis", 0, ()),
    ("deck-redis", 1, ALL_OPTIONS),
    ("deck-redis", 0, TWO_REPLICAS),
    ("sentinel-3-hosts", 1, ()),
    ("deck-full", 0, ()),
    ("deck-full-manual", 0, ()),
    ("deck-mysql", 1, SEMI_SYNC),
    ("deck-mysql", 0, BY_PEOPLE),
    ("deck-names", 1, NAMES),
    *(("deck-names", 0, (f"{CALL}.runtime={runtime}",)) for runtime in ("go", "jvm", "nginx")),
)
SAMPLE = 10

READ_ELSEWHERE = {
    "models.host.Host.paused": "the lanes of a timeline (experiments/timeline)",
}
"""Declared state that no run of a study reads, and who does."""


def run_worlds() -> None:
    for design, replication, options in WORLDS:
        order = stressed_order(design, "cloud-2015", replication, factor=3000.0, horizon_s=7200.0)
        changed = load_spec(DESIGNS / f"{design}.yaml", DesignSpec, options)
        simulate(replace(order, design=changed))


def _subclasses(cls: type[Entity]) -> Iterator[type[Entity]]:
    for below in cls.__subclasses__():
        yield below
        yield from _subclasses(below)


@cache
def declarations() -> tuple[Declaration, ...]:
    """Return every attribute of the three rooms that is declared with ``state``."""
    for room in (sim, models, experiments):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return tuple(
        (cls, name)
        for cls in sorted(set(_subclasses(Entity)), key=lambda cls: cls.__qualname__)
        if cls.__module__.partition(".")[0] in ("sim", "models", "experiments")
        # The validations' stand-ins for real servers are no part of a world.
        and not cls.__module__.startswith("experiments.validation")
        for name, _, is_observable in cls._defaults
        if is_observable and name in vars(cls)
    )


def name_of(declaration: Declaration) -> str:
    cls, name = declaration
    return f"{cls.__module__}.{cls.__qualname__}.{name}"


def listen_to(declaration: Declaration, read: set[Declaration], patch: pytest.MonkeyPatch) -> None:
    """Have recorded reads of an attribute added to ``read``."""
    cls, name = declaration
    tracked: Any = vars(cls)[name]

    def noted(self: Entity) -> object:
        if observable._reader is not None:
            read.add(declaration)
        return tracked.fget(self)

    patch.setattr(cls, name, property(noted, tracked.fset))


def test_every_declared_state_is_read_by_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an attribute is tracked at a cost and nobody watches it: make it hidden."""
    read: set[Declaration] = set()
    for declaration in declarations():
        listen_to(declaration, read, monkeypatch)
    run_worlds()
    unread = {name_of(one) for one in declarations() if one not in read}
    assert sorted(unread - set(READ_ELSEWHERE)) == []
    assert not set(READ_ELSEWHERE) - unread, "read after all: take it off the list"


@pytest.mark.parametrize("place", range(SAMPLE))
def test_undeclared_state_is_found_out(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, forgetting to declare an attribute gives wrong results and no error."""
    known = [one for one in declarations() if name_of(one) not in READ_ELSEWHERE]
    cls, name = known[place * len(known) // SAMPLE]
    monkeypatch.setattr(cls, name, observable._hidden_property(cls, name))
    with pytest.raises(StateError, match=f"{name}, which is not observable state"):
        run_worlds()
