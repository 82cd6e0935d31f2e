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
from types import FunctionType
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
    def read(self: Any) -> object:
        if _reader is not None:
            self.its_readers[_reader] = None
        return self.its_value

    def write(self: Any, new: object) -> None:
        if self.its_value == new:
            return
        if _reader is not None:
            raise StateError(f"{self.path}.{name} was assigned while {_reader} was evaluated")
        if isinstance(new, _CAN_CHANGE_UNSEEN):
            raise StateError(f"{self.path}.{name}: a {type(new).__name__} can change unseen")
        self.its_value = new
        noted = self.its_readers
        if noted:
            self.its_readers = {}
            for reader in noted:
                reader.invalidate()

    return property(_spelt_out(read, name), _spelt_out(write, name))


def _hidden_property(owner: type, name: str) -> property:
    def read(self: Any) -> object:
        if _reader is not None:
            raise StateError(f"{_reader} reads {self.path}.{name}, which is not observable state")
        return self.its_value

    # Nobody is told of what nobody may read: assigning fills the slot, with no call in between.
    fill = getattr(owner, f"{name}_value").__set__
    return property(_spelt_out(read, name), fill)


_CAN_CHANGE_UNSEEN: Final = (list, dict, set)


def _spelt_out(accessor: Callable[..., object], name: str) -> Callable[..., Any]:
    """Return ``accessor`` with the slots of attribute ``name`` for ``its_value`` and the like.

    As if it had been written out for this attribute. Reads of state are what a run does most, and
    a slot that the code names is read faster than one that ``attrgetter`` or ``getattr`` looks up
    (a recorded read takes 68 ns instead of 109).
    """
    code = accessor.__code__
    own = {f"its_{part}": f"{name}_{part}" for part in ("value", "readers", "cell")}
    names = tuple(own.get(word, word) for word in code.co_names)
    return FunctionType(
        code.replace(co_names=names),
        accessor.__globals__,
        accessor.__name__,
        closure=accessor.__closure__,
    )


# How a cell's value stands: nothing that it read has changed; a cell that it read may differ by
# now; something that it read has changed.
_FRESH: Final = 0
_DOUBTFUL: Final = 1
_STALE: Final = 2


class _Cell(Generic[T]):
    """The cached value of one computed attribute of one entity; itself a reader and read.

    ``sources`` are the cells that it read, in that order. A cell above one that went stale is only
    doubtful: it is computed again if a source turns out to differ, and not otherwise (cut-off).
    """

    __slots__ = ("compute", "entity", "readers", "sources", "standing", "value")

    def __init__(self, entity: Entity, compute: Callable[[Any], T]) -> None:
        self.entity = entity
        self.compute = compute
        self.readers: dict[Reader, None] = {}
        self.sources: list[_Cell[Any]] = []
        self.standing = _STALE
        self.value: T | None = None
        # Only the audit looks at cells whose entity may be gone by then.
        if entity.kernel.engine == "audit":
            entity.kernel.cells.append(self)

    def invalidate(self) -> None:
        """Note that something read has changed; every cell above is doubtful at once."""
        if self.standing == _FRESH:
            self.doubt()
        self.standing = _STALE

    def doubt(self) -> None:
        """Note that a cell below, and so this value and those above, may differ by now."""
        if self.standing != _FRESH:
            return
        self.standing = _DOUBTFUL
        self.entity.kernel.unfresh_cells.append(self)
        for reader in self.readers:
            if type(reader) is _Cell:
                reader.doubt()

    def refresh(self) -> None:
        """Make the value right again, computing only what must be."""
        if self.standing == _DOUBTFUL:
            for source in self.sources:
                if source.standing:
                    source.refresh()
                    # A source that differs has said so by ``invalidate``.
                    if self.standing == _STALE:
                        break
            else:
                self.standing = _FRESH
                return
        self._pull()

    def _pull(self) -> None:
        """Compute the value again; readers are told only if it differs."""
        global _reader
        # Stale until it is there: a source that comes out different meanwhile is read anyway.
        self.standing = _STALE
        self.sources = []
        outer, _reader = _reader, self
        try:
            new = self.compute(self.entity)
        finally:
            _reader = outer
        self.standing = _FRESH
        if new == self.value:
            return
        self.value = new
        noted, self.readers = self.readers, {}
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
    caching too. The metaclass replaces it by a property.
    """

    def __init__(self, compute: Callable[[E], T]) -> None:
        self.compute = compute

    @overload
    def __get__(self, entity: None, owner: type) -> computed[E, T]: ...

    @overload
    def __get__(self, entity: E, owner: type) -> T: ...

    def __get__(self, entity: E | None, owner: type) -> T | computed[E, T]:
        raise StateError(f"{owner.__name__}: a computed attribute belongs to an Entity")


def _computed_property(name: str, compute: Callable[[Any], object]) -> property:
    def read(self: Any) -> object:
        cell = self.its_cell
        if cell is None:
            if not self.kernel.tracks:
                return compute(self)
            cell = self.its_cell = _Cell(self, compute)
        if cell.standing:
            cell.refresh()
        if _reader is not None:
            cell.readers[_reader] = None
            if type(_reader) is _Cell:
                _reader.sources.append(cell)
        return cell.value

    return property(_spelt_out(read, name), doc=compute.__doc__)


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
            if item.observable:
                body[key] = _observable_property(key)
            else:
                # Made below: it needs the slot, which is there with the class.
                del body[key]
        for key, cell in cells.items():
            body[key] = _computed_property(key, cell.compute)
        body["__slots__"] = (*slots, *(f"{key}_cell" for key in cells))
        made = super().__new__(cls, name, bases, body)
        for key, item in declared.items():
            if not item.observable:
                setattr(made, key, _hidden_property(made, key))
        own = [(key, item.default, item.observable) for key, item in declared.items()]
        inherited = getattr(bases[0], "_defaults", ()) if bases else ()
        made._defaults = (*inherited, *own)
        values = [(f"{key}_value", item.default) for key, item in declared.items()]
        values += [(f"{key}_cell", None) for key in cells]
        readers = [f"{key}_readers" for key, item in declared.items() if item.observable]
        made._values = (*(getattr(bases[0], "_values", ()) if bases else ()), *values)
        made._readers = (*(getattr(bases[0], "_readers", ()) if bases else ()), *readers)
        return made

    _defaults: tuple[tuple[str, object, bool], ...]
    _values: tuple[tuple[str, object], ...]
    _readers: tuple[str, ...]


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
        for slot, value in type(self)._values:
            setattr(self, slot, value)
        for slot in type(self)._readers:
            setattr(self, slot, {})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"
