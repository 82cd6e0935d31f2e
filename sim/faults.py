"""The board of faults: what is wrong now, by which cause, since when.

Everything that goes wrong is begun and ended here, whether a law drew it
(:class:`sim.fault_sources.FaultSource`) or a script ordered it (:class:`ScriptedFault`), so that
the trace, the incident recorder and the models see one kind of fault.

A fault and its effect are two things. The board knows *that* something is wrong; what it does to
a process or a path is an :class:`Effect`, calls that the models supply (``models/effects.py``).
The beginning is traced before the effect, the end before the effect is undone: in the trace a
cause stands above its consequences.

A fault may be *dormant*: it stands, but shows nothing until what it has struck is used (a stand-by
that would not work). It is traced when it begins; active, for the listeners and for whoever
repairs it, it is only from the moment at which it is noticed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from sim.engine import Kernel
from sim.state import Entity, hidden, state
from sim.trace import Trace

SCRIPT: Final = "script"
"""The cause of a fault that was ordered, not drawn."""


class Fault(NamedTuple):
    """One thing going wrong.

    ``number`` counts from 1 in the order of beginning; ``cause`` is its name in the profile, or
    ``script``; ``target`` is the text that names what is struck (``a01``, ``redis@a01``).
    """

    number: int
    cause: str
    kind: str
    target: str
    start_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What a fault does: ``begin`` does it, ``end`` undoes it.

    An effect may strike again after its end, but not twice at once: it belongs to one source.
    ``foretell`` is for the few effects that depend on how long the fault will last (a stalled
    disk); it is called just before ``begin`` with that time in ns, or None if nobody knows yet (a
    crew will end it, or nobody). With ``await_notice`` the fault is dormant: this is called just
    after ``begin`` with what is to be called, once, when somebody notices (now, if already so).
    """

    begin: Callable[[], object]
    end: Callable[[], object]
    foretell: Callable[[int | None], object] | None = None
    await_notice: Callable[[Callable[[], object]], object] | None = None


Listener = Callable[[Fault, bool], object]
"""Called with a fault and whether it has begun (True) or ended (False).

A dormant fault begins for listeners when it is noticed; one that nobody noticed never did.
"""


class ScriptedFault(NamedTuple):
    """One ordered fault: begins at ``at_ns`` and lasts ``lasts_ns``.

    ``lasts_ns`` 0 ends at once after beginning (a kill); None never ends.
    """

    kind: str
    target: str
    at_ns: int
    lasts_ns: int | None


class FaultBoard(Entity):
    """All faults of a run; ``active`` is how many there are now, dormant ones aside, observable."""

    trace: Final[Trace]
    active: int = state(0)
    numbered: int = hidden(0)
    standing: tuple[tuple[Fault, Effect], ...] = hidden(())
    dormant: frozenset[int] = hidden(frozenset())
    listeners: tuple[Listener, ...] = hidden(())

    def __init__(self, kernel: Kernel, trace: Trace, path: str = "faults") -> None:
        super().__init__(kernel, path)
        self.trace = trace

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that have begun and not ended, in the order of beginning."""
        return tuple(fault for fault, _ in self.standing)

    def listen(self, listener: Listener) -> None:
        """Call ``listener(fault, began)`` at every beginning and end, before the effect; for a
        dormant fault, when it is noticed.
        """
        self.listeners = (*self.listeners, listener)

    def begin(
        self,
        cause: str,
        kind: str,
        target: str,
        effect: Effect,
        lasts_ns: int | None = None,
        noticed: Callable[[Fault], object] | None = None,
    ) -> Fault:
        """Begin a fault now and return it; ``lasts_ns`` is how long it will last, if known.

        ``noticed(fault)`` is called when somebody learns of it: now, unless it is dormant.
        Raises ValueError if this very effect is at work already.
        """
        if any(effect is other for _, other in self.standing):
            raise ValueError(f"the effect of {kind} {target} ({cause}) is at work already")
        self.numbered += 1
        fault = Fault(self.numbered, cause, kind, target, self.kernel.now)
        self.standing = (*self.standing, (fault, effect))
        self._record("fault-begin", fault)
        if effect.await_notice is None:
            self._show(fault)
        else:
            self.dormant |= {fault.number}
        if effect.foretell is not None:
            effect.foretell(lasts_ns)
        effect.begin()
        if effect.await_notice is not None:
            effect.await_notice(lambda: self._notice(fault, noticed))
        elif noticed is not None:
            noticed(fault)
        return fault

    def end(self, fault: Fault) -> None:
        """End ``fault`` now; raises ValueError if it is not standing."""
        effect = next((effect for other, effect in self.standing if other == fault), None)
        if effect is None:
            raise ValueError(f"{fault} is not standing: it has ended, or is another board's")
        self.standing = tuple(pair for pair in self.standing if pair[0] != fault)
        self._record("fault-end", fault)
        if fault.number in self.dormant:
            self.dormant -= {fault.number}
        else:
            self.active -= 1
            self._tell(fault, began=False)
        effect.end()

    def script(self, order: ScriptedFault, effect: Effect) -> None:
        """Schedule an ordered fault; raises ValueError if it would begin before now."""
        if order.at_ns < self.kernel.now:
            raise ValueError(f"{order.kind} {order.target} at {order.at_ns} ns is in the past")
        name = f"{self.path}/{SCRIPT}/{order.kind}/{order.target}/{order.at_ns}"
        rank = self.kernel.claim_rank(name)

        def strike() -> None:
            fault = self.begin(SCRIPT, order.kind, order.target, effect, order.lasts_ns)
            if order.lasts_ns == 0:
                self.end(fault)
            elif order.lasts_ns is not None:
                self.kernel.call_at(order.at_ns + order.lasts_ns, rank, lambda: self.end(fault))

        self.kernel.call_at(order.at_ns, rank, strike)

    def _notice(self, fault: Fault, noticed: Callable[[Fault], object] | None) -> None:
        """A dormant fault has come to light (no effect if it has ended meanwhile)."""
        if fault.number not in self.dormant:
            return
        self.dormant -= {fault.number}
        self._record("fault-noticed", fault)
        self._show(fault)
        if noticed is not None:
            noticed(fault)

    def _show(self, fault: Fault) -> None:
        self.active += 1
        self._tell(fault, began=True)

    def _tell(self, fault: Fault, *, began: bool) -> None:
        for listener in self.listeners:
            listener(fault, began)

    def _record(self, event: str, fault: Fault) -> None:
        self.trace.add(
            self.kernel.now,
            self.path,
            event,
            cause=fault.cause,
            kind=fault.kind,
            target=fault.target,
            fault=fault.number,
        )
