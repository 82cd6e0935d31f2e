"""Observable state: what is recorded, what is cached, and what raises."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sim.engine import AuditError, Kernel
from sim.grid import Regular
from sim.state import Entity, StateError, computed, hidden, observe, state
from sim.ticker import Ticker
from sim.watch import Watch


class Lamp(Entity):
    lit: bool = state(False)
    colour: str = state("red")
    switched: int = hidden(0)
    room: Final[str]

    def __init__(self, kernel: Kernel, path: str) -> None:
        super().__init__(kernel, path)
        self.room = "attic"


class House(Entity):
    lamps: Final[tuple[Lamp, ...]]
    computations: Final[list[int]]
    judgements: Final[list[int]]

    def __init__(self, kernel: Kernel, lamps: tuple[Lamp, ...]) -> None:
        super().__init__(kernel, "house")
        self.lamps = lamps
        self.computations = []
        self.judgements = []

    @computed
    def any_lit(self) -> bool:
        """Whether a lamp is lit."""
        self.computations.append(1)
        return any(lamp.lit for lamp in self.lamps)

    @computed
    def looks(self) -> str:
        """A second layer."""
        self.judgements.append(1)
        return "inhabited" if self.any_lit else "empty"


class Listening:
    """A reader that counts how often it is told."""

    def __init__(self) -> None:
        self.told = 0

    def invalidate(self) -> None:
        self.told += 1


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def lamp(kernel: Kernel) -> Lamp:
    return Lamp(kernel, "lamp")


def test_a_reader_is_told_once_of_a_change(lamp: Lamp) -> None:
    """If this fails, sleepers are not woken, or are checked again and again for nothing."""
    reader = Listening()
    observe(reader, lambda: lamp.lit)
    lamp.lit = False
    lamp.colour = "blue"
    assert reader.told == 0
    lamp.lit = True
    lamp.lit = False
    assert reader.told == 1


def test_reading_outside_an_evaluation_records_nothing(lamp: Lamp) -> None:
    """If this fails, whoever reads state in passing is taken for a guard."""
    reader = Listening()
    assert observe(reader, lambda: lamp.room) == "attic"
    assert lamp.lit is False
    lamp.lit = True
    assert reader.told == 0


def test_an_undeclared_attribute_raises(lamp: Lamp) -> None:
    """If this fails, mutable data can hide from the kernel under a misspelt name."""
    anything: Any = lamp
    with pytest.raises(AttributeError):
        anything.lid = True
    with pytest.raises(AttributeError):
        assert anything.lid


def test_an_undeclared_annotation_raises_when_the_class_is_made() -> None:
    """If this fails, a class can carry mutable attributes that no guard hears of."""
    with pytest.raises(StateError, match=r"Open\.n is neither state, hidden nor Final"):

        class Open(Entity):
            n: int


def test_a_guard_cannot_read_hidden_data(kernel: Kernel, lamp: Lamp) -> None:
    """If this fails, a guard can depend on what never wakes it."""
    Ticker(kernel, "tick", Regular(0, 1), lambda: lamp.switched, lambda: None)
    with pytest.raises(StateError, match=r"guard of ticker tick reads lamp\.switched"):
        kernel.settle()
    assert lamp.switched == 0


def test_a_guard_cannot_assign(kernel: Kernel, lamp: Lamp) -> None:
    """If this fails, evaluating a guard changes the world, once per engine in another way."""

    def assigns() -> bool:
        lamp.lit = True
        return False

    Watch(kernel, "looking", assigns, lambda new: None, initial=False)
    with pytest.raises(StateError, match=r"lamp\.lit was assigned while watch looking"):
        kernel.settle()


@pytest.mark.parametrize("mutable", [[1], {1: 2}, {1}])
def test_a_value_that_can_change_unseen_raises(lamp: Lamp, mutable: Any) -> None:
    """If this fails, appending to a list in a cell changes a guard without waking it."""
    with pytest.raises(StateError, match="can change unseen"):
        lamp.colour = mutable


def test_the_recording_ends_with_an_error(lamp: Lamp) -> None:
    """If this fails, one failing guard makes every later read count as its own."""

    def fails() -> bool:
        raise ZeroDivisionError

    reader = Listening()
    with pytest.raises(ZeroDivisionError):
        observe(reader, fails)
    assert lamp.lit is False
    lamp.lit = True
    assert reader.told == 0


def test_a_computed_cell_is_cached_and_cuts_off(kernel: Kernel, lamp: Lamp) -> None:
    """If this fails, aggregates over many entities are recomputed or spread for nothing."""
    other = Lamp(kernel, "other")
    house = House(kernel, (lamp, other))
    seen: list[str] = []
    Watch(kernel, "street", lambda: house.looks, seen.append, initial="empty")
    kernel.settle()
    lamp.lit = True
    assert house.looks == "inhabited"
    kernel.settle()
    computed_so_far = len(house.computations)
    assert house.looks == "inhabited"
    assert len(house.computations) == computed_so_far
    other.lit = True
    kernel.settle()
    assert seen == ["inhabited"]
    lamp.lit = other.lit = False
    kernel.settle()
    assert seen == ["inhabited", "empty"]


def test_a_cell_above_one_that_comes_out_the_same_is_not_computed(
    kernel: Kernel, lamp: Lamp
) -> None:
    """If this fails, each change of a host has all aggregates above it computed again."""
    other = Lamp(kernel, "other")
    house = House(kernel, (other, lamp))
    Watch(kernel, "street", lambda: house.looks, lambda _: None, initial="empty")
    lamp.lit = True
    kernel.settle()
    judged_so_far, computed_so_far = len(house.judgements), len(house.computations)
    other.lit = True
    kernel.settle()
    assert len(house.computations) == computed_so_far + 1
    assert len(house.judgements) == judged_so_far
    other.lit = lamp.lit = False
    assert house.looks == "empty"


class Diamond(Entity):
    """``sum`` reads two cells that read the same lamp."""

    lamp: Final[Lamp]
    computations: Final[list[int]]

    def __init__(self, kernel: Kernel, lamp: Lamp) -> None:
        super().__init__(kernel, "diamond")
        self.lamp = lamp
        self.computations = []

    @computed
    def left(self) -> int:
        """One side."""
        return int(self.lamp.lit)

    @computed
    def right(self) -> int:
        """The other side."""
        return 2 * int(self.lamp.lit)

    @computed
    def sum(self) -> float:
        """Both, for each letter of the lamp's colour."""
        self.computations.append(1)
        return (self.left + self.right) / len(self.lamp.colour)


def test_a_cell_over_two_that_change_together_is_computed_once(kernel: Kernel, lamp: Lamp) -> None:
    """If this fails, what a cell reads while it is computed makes it stale again at once."""
    diamond = Diamond(kernel, lamp)
    seen: list[float] = []
    Watch(kernel, "looker", lambda: diamond.sum, seen.append, initial=0.0)
    kernel.settle()
    computed_so_far = len(diamond.computations)
    lamp.lit = True
    kernel.settle()
    assert seen[-1] > 0
    assert len(diamond.computations) == computed_so_far + 1


def test_a_cell_that_could_not_be_computed_fails_again(kernel: Kernel, lamp: Lamp) -> None:
    """If this fails, the value of before is taken for the one that there is none of."""
    diamond = Diamond(kernel, lamp)
    assert diamond.sum == 0
    lamp.colour = ""
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = diamond.sum


def test_a_computed_attribute_belongs_to_an_entity() -> None:
    """If this fails, an aggregate of a plain class is silently never cached."""

    class Plain:
        total = computed(lambda self: 1)

    with pytest.raises(StateError, match="belongs to an Entity"):
        _ = Plain().total


def test_the_naive_engine_does_not_cache() -> None:
    """If this fails, the oracle shares the caching that it is there to check."""
    kernel = Kernel(engine="naive")
    house = House(kernel, (Lamp(kernel, "lamp"),))
    assert [house.looks, house.looks] == ["empty", "empty"]
    assert len(house.computations) == 2


def test_the_audit_finds_a_cell_written_behind_the_property() -> None:
    """If this fails, the audit does not look at computed cells."""
    kernel = Kernel(engine="audit")
    lamp = Lamp(kernel, "lamp")
    house = House(kernel, (lamp,))
    assert house.looks == "empty"
    anything: Any = lamp
    anything.lit_value = True
    with pytest.raises(AuditError, match="any_lit holds False"):
        kernel.settle()
