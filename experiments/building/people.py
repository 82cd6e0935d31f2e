"""Who does what by hand in a world: moves, rejoins, promotions, restoring, planned swaps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from experiments.building.by_hand import HandPromotion, Restorer, TwoMasters
from experiments.building.hands import Hands
from experiments.building.mysql_hands import MySqlHands
from experiments.building.operations import Rejoiner, SentinelMover, mind_the_application
from experiments.building.parts import Ground
from experiments.building.redis_hands import RedisHands
from experiments.building.swaps import PlannedSwaps
from models.application.pool import Pool
from models.operator import Operator, OperatorSpec
from sim.repair import Crew

if TYPE_CHECKING:
    from experiments.building.world import World


ABOUT_THE_MASTER: Final = (HandPromotion.kind, TwoMasters.kind, Rejoiner.kind)
"""The kinds of job that decide who is the master, and take as long as a failover by hand."""


def employ(world: World, ground: Ground, on_call: Crew | None) -> None:
    """Give a world the people of its design; ``on_call`` is the profile's crew for programs."""
    spec = ground.design.operator
    if spec is None:
        return
    _look_after_sentinels(world, spec, ground, on_call)
    runbooks: dict[str, Hands] = {
        **{name: RedisHands(store) for name, store in world.redis.items()},
        **{name: MySqlHands(store, world.consul) for name, store in world.mysql.items()},
    }
    if on_call is not None:
        for name, hands in sorted(runbooks.items()):
            mind_the_application(spec, _pools_of(world, name), hands, on_call, world.trace)
    for name, hands in sorted(runbooks.items()):
        if name in spec.promote_by_hand and on_call is not None:
            HandPromotion(spec, hands, on_call, world.trace)
        redis = world.redis.get(name)
        if on_call is not None and (redis is None or redis.sentinels is None):
            TwoMasters(spec, hands, on_call, world.trace)
        if spec.restore_redundancy is not None:
            operator = _hire(world, f"restorer/{name}")
            Restorer(spec.restore_redundancy, hands, operator)
        if spec.swaps is not None and name in spec.swaps.stores:
            _swap(world, spec, hands, on_call)


def _hire(world: World, name: str) -> Operator:
    operator = Operator(world.kernel, name, world.trace)
    world.operators.append(operator)
    return operator


def _look_after_sentinels(
    world: World, spec: OperatorSpec, ground: Ground, on_call: Crew | None
) -> None:
    for store in world.redis.values():
        group, move = store.sentinels, spec.move_sentinels
        if group is None:
            continue
        if move is not None:
            mover = SentinelMover(ground, move, store, group)
            world.operators.append(mover.hands)
        if on_call is not None:
            Rejoiner(spec, store, group, on_call, ground.trace)


def _pools_of(world: World, store: str) -> tuple[Pool, ...]:
    return tuple(pool for one in world.instances for pool in one.pools if pool.store == store)


def _swap(world: World, spec: OperatorSpec, hands: Hands, on_call: Crew | None) -> None:
    assert spec.swaps is not None
    name = hands.store.name
    swaps = PlannedSwaps(
        world.kernel,
        spec.swaps,
        hands,
        _pools_of(world, name),
        on_call,
        _hire(world, f"swaps/{name}"),
        partial(_leads_to_the_master, world, name),
    )
    world.swaps[name] = swaps


def _leads_to_the_master(world: World, store: str) -> bool:
    """Whether every name of a store's master is right."""
    names = (name for name in world.service.published if name.store.name == store)
    return all(name.state == "right" for name in names)
