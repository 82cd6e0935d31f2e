"""Observable state: what a guard reads is recorded, and the guard is checked again when it changes.

A sleeping ticker must wake when the world makes its next tick matter. Asking the author of a
model to call "wake up" at the right places invites omissions that no test notices, so there is no
such call. An :class:`Entity` declares its attributes; while a *reader* (a guard, a watch, a
computed cell) is evaluated, every declared attribute that it touches notes the reader down; when
the attribute is assigned another value, the kernel checks the reader again, once, at the end of
the event. Notes are one-shot: the check itself reads again and so subscribes again, which is why
nothing has to be unsubscribed.

Four kinds of attribute, and no others (slots make any other name an ``AttributeError``):

===========================  =====================================================================
``role: str = state("x")``   observable; any immutable value
``n: int = hidden(0)``       mutable, but reading it while a guard is evaluated is an error
``host: Final[Host]``        constant, set once in ``__init__`` (mypy holds this)
``@computed`` method         cached aggregate over state, with cut-off; pure, no arguments
===========================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar, cast, overload

if TYPE_CHECKING:
    from sim.engine import Kernel

T = TypeVar("T")
E = TypeVar("E", bound="Entity")


class StateError(RuntimeError):
    """A model broke a rule of observable state; the message says which and where."""


class Reader(Protocol):
    """Something whose evaluation is recorded: it is told once when anything it read changed."""

    def invalidate(self) -> None:
        """Note that something read has changed; must not evaluate anything now."""


# One kernel runs per process (parallel runs are processes), so one global is enough; it is what
# makes a read cost a comparison and nothing more when nobody is looking.
_reader: Reader | None = None


def observe(reader: Reader, function: Callable[[], T]) -> T:
    """Call ``function`` and note ``reader`` down at every observable attribute that it reads."""
    global _reader
    outer, _reader = _reader, reader
    try:
        return function()
    finally:
        _reader = outer


class _Declared:
    """An attribute as the class body declares it, before the metaclass turns it into a property."""

    def __init__(self, default: object, observable: bool) -> None:
        self.default = default
        self.observable = observable


def state(default: T) -> T:
    """Declare an observable attribute; its values must be immutable and compare with ``==``."""
    return cast("T", _Declared(default, observable=True))


def hidden(default: T) -> T:
    """Declare a mutable attribute that no guard may read (caches, handles, bookkeeping)."""
    return cast("T", _Declared(default, observable=False))


def _observable_property(name: str) -> property:
    value_slot, readers_slot = f"{name}_value", f"{name}_readers"
    value_of, readers_of = attrgetter(value_slot), attrgetter(readers_slot)

    def read(self: Entity) -> object:
        if _reader is not None:
            readers_of(self)[_reader] = None
        return value_of(self)

    def write(self: Entity, new: object) -> None:
        if value_of(self) == new:
            return
        if _reader is not None:
            raise StateError(f"{self.path}.{name} was assigned while {_reader} was evaluated")
        if isinstance(new, (list, dict, set)):
            raise StateError(f"{self.path}.{name}: a {type(new).__name__} can change unseen")
        setattr(self, value_slot, new)
        readers = readers_of(self)
        if readers:
            noted = list(readers)
            readers.clear()
            for reader in noted:
                reader.invalidate()

    return property(read, write)


def _hidden_property(name: str) -> property:
    slot = f"{name}_value"
    value_of = attrgetter(slot)

    def read(self: Entity) -> object:
        if _reader is not None:
            raise StateError(f"{_reader} reads {self.path}.{name}, which is not observable state")
        return value_of(self)

    def write(self: Entity, new: object) -> None:
        setattr(self, slot, new)

    return property(read, write)


class _Cell(Generic[T]):
    """The cached value of one computed attribute of one entity; itself a reader and read."""

    __slots__ = ("compute", "entity", "readers", "stale", "value")

    def __init__(self, entity: Entity, compute: Callable[[Any], T]) -> None:
        self.entity = entity
        self.compute = compute
        self.readers: dict[Reader, None] = {}
        self.stale = True
        self.value: T | None = None

    def invalidate(self) -> None:
        """Mark this cell and, at once, every cell above it as out of date."""
        if self.stale:
            return
        self.stale = True
        self.entity.kernel.stale_cells.append(self)
        for reader in self.readers:
            if isinstance(reader, _Cell):
                reader.invalidate()

    def pull(self) -> None:
        """Compute the value again; readers are told only if it differs (cut-off)."""
        self.stale = False
        new = observe(self, lambda: self.compute(self.entity))
        if new == self.value:
            return
        self.value = new
        noted = list(self.readers)
        self.readers.clear()
        for reader in noted:
            reader.invalidate()

    def fresh(self) -> T:
        """Return the value computed from scratch, recording nothing (for audits)."""
        return self.compute(self.entity)

    def __repr__(self) -> str:
        return f"computed {self.entity.path}.{getattr(self.compute, '__name__', '?')}"


class computed(Generic[E, T]):  # noqa: N801  (used as a decorator, like ``property``)
    """A pure aggregate over observable state, cached until something that it read changes.

    The naive engine calls the function at every read instead, so that it stays an oracle for the
    caching too.
    """

    def __init__(self, compute: Callable[[E], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__
        self.slot = f"{compute.__name__}_cell"

    @overload
    def __get__(self, entity: None, owner: type) -> computed[E, T]: ...

    @overload
    def __get__(self, entity: E, owner: type) -> T: ...

    def __get__(self, entity: E | None, owner: type) -> T | computed[E, T]:
        if entity is None:
            return self
        if not entity.kernel.tracks:
            return self.compute(entity)
        cell: _Cell[T] | None = getattr(entity, self.slot)
        if cell is None:
            cell = _Cell(entity, self.compute)
            setattr(entity, self.slot, cell)
            entity.kernel.cells.append(cell)
        if cell.stale:
            cell.pull()
        if _reader is not None:
            cell.readers[_reader] = None
        return cast("T", cell.value)


class EntityType(type):
    """Turns the declarations of an :class:`Entity` class into slots and properties."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> EntityType:
        declared = {key: item for key, item in body.items() if isinstance(item, _Declared)}
        cells = {key: item for key, item in body.items() if isinstance(item, computed)}
        constants = []
        for key, annotation in body.get("__annotations__", {}).items():
            if key in declared:
                continue
            if not str(annotation).startswith(("Final", "typing.Final", "ClassVar")):
                raise StateError(f"{name}.{key} is neither state, hidden nor Final")
            if not str(annotation).startswith("ClassVar"):
                constants.append(key)
        slots = list(constants)
        for key, item in declared.items():
            slots += [f"{key}_value"] + ([f"{key}_readers"] if item.observable else [])
            body[key] = _observable_property(key) if item.observable else _hidden_property(key)
        body["__slots__"] = (*slots, *(f"{key}_cell" for key in cells))
        made = super().__new__(cls, name, bases, body)
        own = [(key, item.default, item.observable) for key, item in declared.items()]
        inherited = getattr(bases[0], "_defaults", ()) if bases else ()
        made._defaults = (*inherited, *own)
        made._cells = (*(getattr(bases[0], "_cells", ()) if bases else ()), *cells)
        return made

    _defaults: tuple[tuple[str, object, bool], ...]
    _cells: tuple[str, ...]


class Entity(metaclass=EntityType):
    """A named thing of the world with declared attributes.

    ``path`` is its unique name (``redis/a01``): it keys its random streams and its rank among
    simultaneous events, so it must not depend on the order in which things are built.
    """

    kernel: Final[Kernel]
    path: Final[str]

    def __init__(self, kernel: Kernel, path: str) -> None:
        self.kernel = kernel
        self.path = path
        for name, default, observable in type(self)._defaults:
            setattr(self, f"{name}_value", default)
            if observable:
                setattr(self, f"{name}_readers", {})
        for name in type(self)._cells:
            setattr(self, f"{name}_cell", None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"
